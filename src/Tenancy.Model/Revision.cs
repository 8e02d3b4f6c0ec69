namespace Tenancy.Model;

/// <summary>A node of the revision graph, as its manifest has it.</summary>
public sealed record Revision
{
    /// <summary>The id.</summary>
    public string Id { get; init; } = "";

    /// <summary><c>tenant</c> or <c>shared</c>.</summary>
    public string Scope { get; init; } = "tenant";

    /// <summary>One line for people.</summary>
    public string Description { get; init; } = "";

    /// <summary>Revisions that it follows; empty for a base.</summary>
    public string[] Parents { get; init; } = [];

    /// <summary>Revisions or labels that it needs besides.</summary>
    public string[] DependsOn { get; init; } = [];

    /// <summary>Branch labels.</summary>
    public string[] Labels { get; init; } = [];

    /// <summary>True when no revision follows it.</summary>
    public bool IsHead { get; init; }

    /// <summary>True when it follows none.</summary>
    public bool IsBase { get; init; }

    /// <summary>True when its operations are still to be written: nothing of the project runs until they are.</summary>
    public bool IsDraft { get; init; }

    /// <summary>False when it cannot be undone.</summary>
    public bool IsReversible { get; init; } = true;

    /// <summary>True when every step can run inside a transaction.</summary>
    public bool IsTransactional { get; init; } = true;

    /// <summary>The manifest.</summary>
    public string Path { get; init; } = "";

    /// <summary>Version and SHA-256 of the parsed manifest.</summary>
    public string Checksum { get; init; } = "";

    /// <inheritdoc/>
    public override string ToString() => Id;
}
