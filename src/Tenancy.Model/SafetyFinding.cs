namespace Tenancy.Model;

/// <summary>What a safety check has found in a statement of a manifest, before it runs.</summary>
public sealed record SafetyFinding
{
    /// <summary>One of <see cref="SafetySeverity"/>.</summary>
    public string Severity { get; init; } = "";

    /// <summary>The rule's id, as <c>suppress</c> takes it.</summary>
    public string Rule { get; init; } = "";

    /// <summary>What is wrong here, in a sentence or two.</summary>
    public string Message { get; init; } = "";

    /// <summary>Why it matters.</summary>
    public string Why { get; init; } = "";

    /// <summary>The safe way to write it.</summary>
    public string SafeWay { get; init; } = "";

    /// <summary>The revision.</summary>
    public string Revision { get; init; } = "";

    /// <summary><c>up</c>, or <c>down</c> for what an undo would do.</summary>
    public string Direction { get; init; } = "up";

    /// <summary>The manifest.</summary>
    public string Manifest { get; init; } = "";

    /// <summary>The line in the manifest.</summary>
    public int Line { get; init; }

    /// <summary>The column in that line, from 1.</summary>
    public int Column { get; init; }

    /// <summary>The operation, such as <c>add_column</c>; null for what is about the revision as a whole.</summary>
    public string? Operation { get; init; }

    /// <summary>The statement as the manifest has it; null for what is about the revision as a whole.</summary>
    public string? Statement { get; init; }

    /// <summary>The table that is locked or meant, without the tenant's schema; null where there is none.</summary>
    public string? Table { get; init; }

    /// <summary>The lock on that table, as the manual names it (13.3.1) in one word, such as <c>AccessExclusive</c>; null where the rule is not about one.</summary>
    public string? Lock { get; init; }

    /// <summary>What is done while the lock is held: <c>scan</c>, <c>rewrite</c> or <c>index build</c>; null where it is held for an instant.</summary>
    public string? Effect { get; init; }

    /// <summary>How large that table is where it is largest, bytes; null where nobody has looked.</summary>
    public long? LargestBytes { get; init; }

    /// <summary>The schema where it is largest; null where nobody has looked, or none has a row.</summary>
    public string? LargestSchema { get; init; }

    /// <summary>How many tenants (of the shared schema: databases) get the statement; null where nobody has looked.</summary>
    public int? Tenants { get; init; }

    /// <summary>How many of them have rows in the table; null where nobody has looked.</summary>
    public int? TenantsWithRows { get; init; }

    /// <summary>True where the manifest switches the rule off.</summary>
    public bool IsSuppressed { get; init; }

    /// <summary>Why the manifest switches it off; null where it does not.</summary>
    public string? Reason { get; init; }

    /// <summary>Where it is, as an editor takes it: manifest and line.</summary>
    public string Position => FormattableString.Invariant($"{Manifest}:{Line}");

    /// <inheritdoc/>
    public override string ToString() => $"{Position}: {Rule}: {Message}";
}

/// <summary>The closed set of values of <see cref="SafetyFinding.Severity"/>, in the words of SARIF.</summary>
public static class SafetySeverity
{
    /// <summary>Do not run it like that.</summary>
    public const string Error = nameof(Error);

    /// <summary>Look at it before it runs.</summary>
    public const string Warning = nameof(Warning);

    /// <summary>Good to know: no harm is to be expected here.</summary>
    public const string Note = nameof(Note);

    /// <summary>How grave a severity is, as a number to compare: 3 for an error, 0 for no severity.</summary>
    /// <param name="severity">The severity.</param>
    public static int Rank(string? severity) => severity switch { Error => 3, Warning => 2, Note => 1, _ => 0 };
}
