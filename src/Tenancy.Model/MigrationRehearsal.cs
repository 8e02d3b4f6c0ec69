namespace Tenancy.Model;

/// <summary>How a run would end for one tenant, or for the shared schema of one database: it was run, and rolled back. Can be piped into a run.</summary>
public sealed record MigrationRehearsal
{
    /// <summary>The tenant's name; the shared schema's name where <see cref="Scope"/> is <c>shared</c>.</summary>
    public string Name { get; init; } = "";

    /// <summary>The schema.</summary>
    public string Schema { get; init; } = "";

    /// <summary>The database.</summary>
    public string Database { get; init; } = "";

    /// <summary>The server.</summary>
    public string Server { get; init; } = "";

    /// <summary><c>tenant</c> or <c>shared</c>.</summary>
    public string Scope { get; init; } = "tenant";

    /// <summary>One of <see cref="RehearsalStatus"/>.</summary>
    public string Status { get; init; } = "";

    /// <summary><c>up</c> or <c>down</c>.</summary>
    public string Direction { get; init; } = "up";

    /// <summary>Revisions that would be applied or undone, in order; where it would fail, those before.</summary>
    public string[] Revisions { get; init; } = [];

    /// <summary>Revisions that would be recorded as applied and not run (<c>on_fail: mark_applied</c>).</summary>
    public string[] MarkedApplied { get; init; } = [];

    /// <summary>The heads that it has.</summary>
    public string[] From { get; init; } = [];

    /// <summary>The heads that it would have.</summary>
    public string[] To { get; init; } = [];

    /// <summary>What would be left out, and why, where <see cref="Status"/> is <c>Skipped</c>; else null.</summary>
    public string? Step { get; init; }

    /// <summary>What would go wrong, as the run itself would tell it, or what stood in the way of trying; null where nothing did.</summary>
    public MigrationFailure? Failure { get; init; }

    /// <summary>How long it took, seconds: statements, proof of placement and history; without COMMIT, connecting and the rehearsal's own questions.</summary>
    public double Seconds { get; init; }

    /// <summary>The pauses that the run will make between batches, seconds; they were not made, and are not in <see cref="Seconds"/>.</summary>
    public double PauseSeconds { get; init; }

    /// <summary>How long each revision took, in order.</summary>
    public RehearsedRevision[] Timings { get; init; } = [];

    /// <summary>How long each statement took, in order.</summary>
    public RehearsedStatement[] Statements { get; init; } = [];

    /// <summary>The locks held at the end on tables and other relations that were there before, the strongest first; one for each relation. Without what is only read.</summary>
    public RehearsedLock[] Locks { get; init; } = [];

    /// <summary>Entries of the server's lock table that it had at its end, those of new relations and of the catalogs included.</summary>
    public long LockCount { get; init; }

    /// <summary>What ran in another form than the run will use.</summary>
    public RehearsalNote[] RanOtherwise { get; init; } = [];

    /// <summary>What could not be rehearsed, and why; empty where everything was.</summary>
    public RehearsalNote[] NotRehearsed { get; init; } = [];

    /// <summary>When work on it started, UTC.</summary>
    public DateTime Started { get; init; }

    /// <summary>The rehearsal's own id, as in <c>application_name</c>; nothing in history has it.</summary>
    public Guid RunId { get; init; }

    /// <summary>The tenant's labels.</summary>
    public TenantLabels Labels { get; init; } = [];

    /// <summary>What would go wrong, in one line; null when nothing did.</summary>
    public string? Error => Failure?.Message;

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>The closed set of values of <see cref="MigrationRehearsal.Status"/>.</summary>
public static class RehearsalStatus
{
    /// <summary>All of it was run, and would succeed.</summary>
    public const string Rehearsed = nameof(Rehearsed);

    /// <summary>What could be rehearsed would succeed; <see cref="MigrationRehearsal.NotRehearsed"/> has the rest.</summary>
    public const string PartlyRehearsed = nameof(PartlyRehearsed);

    /// <summary>It would fail.</summary>
    public const string WouldFail = nameof(WouldFail);

    /// <summary>It could not be tried, for a cause that may be gone the next time (a lock, a lost connection, another run), or because the shared revisions before it fail.</summary>
    public const string NotRehearsed = nameof(NotRehearsed);

    /// <summary>It would stand before a revision whose requirement it does not meet (<c>on_fail: skip</c>).</summary>
    public const string Skipped = nameof(Skipped);

    /// <summary>There is nothing to do.</summary>
    public const string UpToDate = nameof(UpToDate);
}

/// <summary>How long a revision took.</summary>
public sealed record RehearsedRevision
{
    /// <summary>The revision; a hook's key for a hook.</summary>
    public string Revision { get; init; } = "";

    /// <summary>Seconds; what ends a transaction counts for the last of its revisions.</summary>
    public double Seconds { get; init; }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Revision} {Seconds:0.000} s");
}

/// <summary>How long a statement took.</summary>
public sealed record RehearsedStatement
{
    /// <summary>The revision; a hook's key for a hook.</summary>
    public string Revision { get; init; } = "";

    /// <summary>The manifest.</summary>
    public string Manifest { get; init; } = "";

    /// <summary>The line in the manifest.</summary>
    public int Line { get; init; }

    /// <summary>The operation, such as <c>add_column</c>.</summary>
    public string Operation { get; init; } = "";

    /// <summary>The statement as the manifest has it, before names and arguments.</summary>
    public string Statement { get; init; } = "";

    /// <summary>Seconds, as the server counts them; of one in batches all of them.</summary>
    public double Seconds { get; init; }

    /// <summary>The locks that it took and that were not held before, on relations that were there before, the strongest first. Without what is only read.</summary>
    public RehearsedLock[] Locks { get; init; } = [];

    /// <summary>Tables that it wrote anew, or emptied, with their schemas: they have another file since.</summary>
    public string[] Rewritten { get; init; } = [];

    /// <summary>Tables that it read from end to end, with their schemas.</summary>
    public string[] Scanned { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Seconds:0.000} s {Manifest}:{Line}");
}

/// <summary>A lock on a relation that was there before.</summary>
public sealed record RehearsedLock
{
    /// <summary>The relation's schema; empty in an estimate, for what lies in each tenant's own.</summary>
    public string Schema { get; init; } = "";

    /// <summary>The relation, by the name that it had.</summary>
    public string Relation { get; init; } = "";

    /// <summary>The strongest mode held, as the manual names it (13.3.1) in one word, such as <c>AccessExclusive</c>.</summary>
    public string Mode { get; init; } = "";

    /// <summary>How long the run will hold it, seconds: from the first statement that takes it to the end of that statement's transaction. COMMIT comes on top.</summary>
    public double Seconds { get; init; }

    /// <summary>The manifest of the statement that took it, or null.</summary>
    public string? Manifest { get; init; }

    /// <summary>The line in the manifest, or null.</summary>
    public int? Line { get; init; }

    /// <summary>True where the statement ran in its plain form: the concurrent one takes a weaker lock.</summary>
    public bool IsOfPlainForm { get; init; }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Mode} {(Schema.Length > 0 ? Schema + "." : "")}{Relation} {Seconds:0.000} s");
}

/// <summary>Something about a step of a rehearsal.</summary>
public sealed record RehearsalNote
{
    /// <summary>The revision.</summary>
    public string Revision { get; init; } = "";

    /// <summary>The manifest.</summary>
    public string Manifest { get; init; } = "";

    /// <summary>The line in the manifest; null where it is about the revision as a whole.</summary>
    public int? Line { get; init; }

    /// <summary>The operation; null where it is about the revision as a whole.</summary>
    public string? Operation { get; init; }

    /// <summary>What is to be known.</summary>
    public string Message { get; init; } = "";

    /// <inheritdoc/>
    public override string ToString() => $"{Manifest}{(Line is { } line ? FormattableString.Invariant($":{line}") : "")}: {Message}";
}
