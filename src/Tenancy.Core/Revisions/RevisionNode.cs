using System.Collections.Immutable;
using Tenancy.Core.Manifests;
using Tenancy.Model;

namespace Tenancy.Core.Revisions;

/// <summary>A revision with its neighbours. All neighbours but those called "other scope" are of its own scope.</summary>
public sealed class RevisionNode
{
    internal RevisionNode(Manifest manifest) => Manifest = manifest;

    /// <summary>The manifest.</summary>
    public Manifest Manifest { get; }

    /// <summary>The revision's id.</summary>
    public string Id => Manifest.Revision;

    /// <summary>What it changes.</summary>
    public MigrationScope Scope => Manifest.Scope;

    /// <summary>The revisions it follows, as written, without doubles.</summary>
    public ImmutableArray<RevisionNode> Parents { get; internal set; } = [];

    /// <summary>The revisions that follow it.</summary>
    public ImmutableArray<RevisionNode> Children { get; internal set; } = [];

    /// <summary>The revisions it depends on besides its parents: by <c>depends_on</c> (labels resolved), or because it depends on one of the other scope that does.</summary>
    public ImmutableArray<RevisionNode> Dependencies { get; internal set; } = [];

    /// <summary>The revisions that have it among their <see cref="Dependencies"/>.</summary>
    public ImmutableArray<RevisionNode> Dependents { get; internal set; } = [];

    /// <summary>The revisions of the other scope that it names in <c>depends_on</c> (labels resolved).</summary>
    public ImmutableArray<RevisionNode> OtherScopeDependencies { get; internal set; } = [];

    /// <summary>The revisions of the other scope that name it in <c>depends_on</c>.</summary>
    public ImmutableArray<RevisionNode> OtherScopeDependents { get; internal set; } = [];

    /// <summary>
    /// The labels of the branches it is on, in ordinal order: a label holds for the revision that carries it, all that follow, and its line of parents down to, and
    /// without, the nearest branch point or merge.
    /// </summary>
    public ImmutableArray<string> BranchLabels { get; internal set; } = [];

    /// <summary>True when no revision follows it.</summary>
    public bool IsHead => Children.IsEmpty;

    /// <summary>True when no revision follows it or depends on it: what <c>heads</c> means.</summary>
    public bool IsRealHead => Children.IsEmpty && Dependents.IsEmpty;

    /// <summary>True when it follows none.</summary>
    public bool IsBase => Parents.IsEmpty;

    /// <summary>True when several revisions follow it.</summary>
    public bool IsBranchPoint => Children.Length > 1;

    /// <summary>True when it follows several.</summary>
    public bool IsMerge => Parents.Length > 1;

    /// <summary>Its place in <see cref="RevisionGraph.All"/>: greater than that of everything it needs.</summary>
    internal int Index { get; set; }

    /// <summary>Everything it needs in its scope, directly: parents, then dependencies.</summary>
    internal ImmutableArray<RevisionNode> Downs { get; set; } = [];

    /// <summary>Everything that needs it in its scope, directly.</summary>
    internal ImmutableArray<RevisionNode> Ups { get; set; } = [];

    /// <summary>What travels down the pipeline.</summary>
    public Revision Describe() => new()
    {
        Id = Id,
        Scope = RevisionLinks.Name(Scope),
        Description = Manifest.Description,
        Parents = [.. Manifest.Parents],
        DependsOn = [.. Manifest.DependsOn],
        Labels = [.. Manifest.Labels],
        IsHead = IsHead,
        IsBase = IsBase,
        IsDraft = Manifest.IsDraft,
        IsReversible = Manifest.Irreversible is null,
        IsTransactional = Manifest.Up.Concat(Manifest.Down).SelectMany(static operation => operation.Statements).All(static statement => statement is { IsTransactional: true, Batch: null }),
        Path = Manifest.Path,
        Checksum = Manifest.Checksum,
    };

    /// <inheritdoc/>
    public override string ToString() => Id;
}
