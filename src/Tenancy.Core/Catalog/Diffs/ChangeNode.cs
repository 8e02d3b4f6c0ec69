namespace Tenancy.Core.Catalog.Diffs;

/// <summary>One thing to do with one object, as a node of the graph that orders all of them.</summary>
/// <param name="identity">The object.</param>
/// <param name="step">What to do.</param>
internal sealed class ChangeNode(ObjectIdentity identity, ChangeStep step)
{
    /// <summary>The object.</summary>
    public ObjectIdentity Identity { get; } = identity;

    /// <summary>What to do.</summary>
    public ChangeStep Step { get; } = step;

    /// <summary>The object as it is; null where it is new.</summary>
    public CatalogObject? From { get; init; }

    /// <summary>The object as it is to be; null where it goes.</summary>
    public CatalogObject? To { get; init; }

    /// <summary>True where the object itself does not change, and goes and comes because of another.</summary>
    public bool IsRebuild { get; init; }

    /// <summary>What comes after this.</summary>
    public HashSet<ChangeNode> Next { get; } = [];

    /// <summary>What comes before this.</summary>
    public HashSet<ChangeNode> Previous { get; } = [];

    /// <summary>What is done by the same operation.</summary>
    public List<ChangeNode> Absorbed { get; } = [];

    /// <summary>The node that does this too; null for one of its own.</summary>
    public ChangeNode? AbsorbedBy { get; set; }

    /// <inheritdoc/>
    public override string ToString() => $"{Step} {Identity}";
}

/// <summary>The things that can be done with an object. Their order is the order where nothing demands another.</summary>
internal enum ChangeStep
{
    /// <summary>It gets another name.</summary>
    Rename,

    /// <summary>It makes room for another of its name, and goes later.</summary>
    MoveAside,

    /// <summary>It goes.</summary>
    Drop,

    /// <summary>It changes.</summary>
    Alter,

    /// <summary>It is made.</summary>
    Create,

    /// <summary>What was moved aside goes.</summary>
    DropAside,
}
