namespace Tenancy.Model;

/// <summary>How long a run over a fleet will take, from a rehearsed sample.</summary>
public sealed record MigrationEstimate
{
    /// <summary>How many tenants were asked about.</summary>
    public int Tenants { get; init; }

    /// <summary>How many of them have something pending.</summary>
    public int Pending { get; init; }

    /// <summary>How many were rehearsed.</summary>
    public int Sampled { get; init; }

    /// <summary>How many of these would fail.</summary>
    public int WouldFail { get; init; }

    /// <summary>How many tenants of a database are worked on at once, in the estimate as in the sample.</summary>
    public int ThrottleLimit { get; init; }

    /// <summary>How long the run will take, seconds; null where nothing could be measured. Databases count one after another.</summary>
    public double? Seconds { get; init; }

    /// <summary>The lower end of the range, seconds.</summary>
    public double? LowSeconds { get; init; }

    /// <summary>The upper end of the range, seconds.</summary>
    public double? HighSeconds { get; init; }

    /// <summary>The distinct plans, those of the shared schemas first.</summary>
    public PlanEstimate[] Plans { get; init; } = [];

    /// <summary>The sample.</summary>
    public MigrationRehearsal[] Rehearsals { get; init; } = [];

    /// <summary>The estimate's own id, as in <c>application_name</c> of the sample; nothing in history has it.</summary>
    public Guid RunId { get; init; }
}

/// <summary>How long one plan will take on all tenants of a database that need it.</summary>
public sealed record PlanEstimate
{
    /// <summary>The database.</summary>
    public string Database { get; init; } = "";

    /// <summary>The server.</summary>
    public string Server { get; init; } = "";

    /// <summary><c>tenant</c> or <c>shared</c>.</summary>
    public string Scope { get; init; } = "tenant";

    /// <summary>The heads before.</summary>
    public string[] From { get; init; } = [];

    /// <summary>The heads after.</summary>
    public string[] To { get; init; } = [];

    /// <summary>The revisions, in order.</summary>
    public string[] Revisions { get; init; } = [];

    /// <summary>How many tenants need it; 1 for a shared schema.</summary>
    public int Tenants { get; init; }

    /// <summary>How many of them were rehearsed.</summary>
    public int Sampled { get; init; }

    /// <summary>How many of these would fail; their times do not count.</summary>
    public int WouldFail { get; init; }

    /// <summary>The median of the sample, seconds a tenant; null where nothing could be measured.</summary>
    public double? MedianSeconds { get; init; }

    /// <summary>The slowest of the sample, seconds.</summary>
    public double? MaxSeconds { get; init; }

    /// <summary>How long all of them will take, seconds.</summary>
    public double? Seconds { get; init; }

    /// <summary>The lower end of the range, seconds.</summary>
    public double? LowSeconds { get; init; }

    /// <summary>The upper end of the range, seconds.</summary>
    public double? HighSeconds { get; init; }

    /// <summary>How it was computed.</summary>
    public string Method { get; init; } = "";

    /// <summary>The locks that a tenant holds, the strongest first, each for the longest time of the sample.</summary>
    public RehearsedLock[] Locks { get; init; } = [];

    /// <summary>The most entries of the server's lock table that one had.</summary>
    public long LockCount { get; init; }

    /// <summary>The statements, the slowest first, each with its longest time of the sample.</summary>
    public RehearsedStatement[] Statements { get; init; } = [];

    /// <summary>What ran in another form than the run will use.</summary>
    public RehearsalNote[] RanOtherwise { get; init; } = [];

    /// <summary>What could not be rehearsed, and is not in the figures.</summary>
    public RehearsalNote[] NotRehearsed { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => $"{(From.Length == 0 ? "base" : string.Join(' ', From))} → {(To.Length == 0 ? "base" : string.Join(' ', To))}";
}
