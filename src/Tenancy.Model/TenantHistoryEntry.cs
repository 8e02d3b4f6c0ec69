namespace Tenancy.Model;

/// <summary>One row of a tenant's history.</summary>
public sealed record TenantHistoryEntry
{
    /// <summary>The row's number; rises with time within a database.</summary>
    public long Id { get; init; }

    /// <summary>The tenant's name when it happened.</summary>
    public string Name { get; init; } = "";

    /// <summary>The schema.</summary>
    public string Schema { get; init; } = "";

    /// <summary>The database.</summary>
    public string Database { get; init; } = "";

    /// <summary>The server.</summary>
    public string Server { get; init; } = "";

    /// <summary><c>tenant</c> or <c>shared</c>.</summary>
    public string Scope { get; init; } = "tenant";

    /// <summary>The revision; null for what concerns the tenant as a whole (<c>create</c>, <c>remove</c>).</summary>
    public string? Revision { get; init; }

    /// <summary><c>up</c>, <c>down</c>, <c>stamp</c>, <c>create</c>, <c>remove</c>, <c>rename</c> or <c>repair</c>.</summary>
    public string Direction { get; init; } = "";

    /// <summary>The step of a revision that takes several transactions, or of a repair what was done; null for the revision as a whole.</summary>
    public string? Step { get; init; }

    /// <summary><c>done</c>, <c>started</c>, <c>failed</c>, or <c>skipped</c> where the schema does not meet what the revision requires.</summary>
    public string Outcome { get; init; } = "";

    /// <summary>When it started, UTC.</summary>
    public DateTime Started { get; init; }

    /// <summary>How long it took, seconds.</summary>
    public double Seconds { get; init; }

    /// <summary>The database role that logged in.</summary>
    public string Who { get; init; } = "";

    /// <summary>The run; rows of one run share it.</summary>
    public Guid RunId { get; init; }

    /// <summary>The version of the tool.</summary>
    public string ToolVersion { get; init; } = "";

    /// <summary>The manifest's checksum, or null.</summary>
    public string? Checksum { get; init; }

    /// <summary>PostgreSQL's SQLSTATE of a failure, or null.</summary>
    public string? SqlState { get; init; }

    /// <summary>Manifest and line of a failure, or null.</summary>
    public string? Position { get; init; }

    /// <summary>The message of a failure, why a revision was not run, or of a repair what was wrong; else null.</summary>
    public string? Message { get; init; }

    /// <summary>The arguments of the run, but for the secret ones.</summary>
    public Dictionary<string, string> Arguments { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Direction} {Revision} {Outcome}";
}
