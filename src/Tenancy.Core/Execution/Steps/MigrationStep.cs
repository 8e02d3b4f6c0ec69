using Tenancy.Core.Manifests;

namespace Tenancy.Core.Execution.Steps;

/// <summary>A step of a run: one stage of one revision on one schema (most revisions have one stage), or a hook.</summary>
public sealed record MigrationStep
{
    /// <summary>It begins.</summary>
    public const string Begun = "begun";

    /// <summary>It is committed.</summary>
    public const string Done = "done";

    /// <summary>It was rolled back, or nobody came to know whether it was.</summary>
    public const string Failed = "failed";

    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>The database and its server.</summary>
    public required string Database { get; init; }

    /// <summary>What the schema holds.</summary>
    public required MigrationScope Scope { get; init; }

    /// <summary>The tenant's name; the schema's for the shared one.</summary>
    public required string Name { get; init; }

    /// <summary>The schema.</summary>
    public required string Schema { get; init; }

    /// <summary>The revision; the hook's key for a hook.</summary>
    public required string Revision { get; init; }

    /// <summary><c>up</c>, <c>down</c> or <c>hook</c>.</summary>
    public required string Direction { get; init; }

    /// <summary>The stage, from 1; null where the revision has one only.</summary>
    public int? Number { get; init; }

    /// <summary>The revision's description.</summary>
    public required string Description { get; init; }

    /// <summary><see cref="Begun"/>, <see cref="Done"/> or <see cref="Failed"/>.</summary>
    public required string Outcome { get; init; }

    /// <summary>How long it took, seconds; the stages of one transaction all have that of the transaction, which of those sent in one message the server's clock says. 0 when it begins, and of a hook whose answer was lost.</summary>
    public double Seconds { get; init; }

    /// <summary>What messages call the schema.</summary>
    internal string Target { get; init; } = "";

    /// <inheritdoc/>
    public override string ToString() => $"{Target}: {Direction} {Revision}{(Number is { } number ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $", step {number}") : "")} {Description}".TrimEnd();
}
