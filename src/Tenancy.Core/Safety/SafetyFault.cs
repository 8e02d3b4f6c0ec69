using Tenancy.Core.Safety.Reading;

namespace Tenancy.Core.Safety;

/// <summary>What a rule says of a statement.</summary>
/// <param name="Message">What is wrong here.</param>
/// <param name="Table">The table that is locked or meant, or null.</param>
internal sealed record SafetyFault(string Message, TableName? Table = null)
{
    /// <summary>The lock on the table; null where the rule is not about one.</summary>
    public string? Lock { get; init; }

    /// <summary>What is done while it is held: one of <see cref="Scan"/>, <see cref="Rewrite"/>, <see cref="IndexBuild"/>; null where it is held for an instant.</summary>
    public string? Effect { get; init; }

    /// <summary>Its severity where that is not the rule's; null for the rule's.</summary>
    public string? Severity { get; init; }

    /// <summary>True where the statement fails if the table has a row: no size is small then.</summary>
    public bool FailsOnRows { get; init; }

    /// <summary>Each row is read.</summary>
    public const string Scan = "scan";

    /// <summary>Each row is written anew, and each index built.</summary>
    public const string Rewrite = "rewrite";

    /// <summary>Each row is read, and an index written.</summary>
    public const string IndexBuild = "index build";
}
