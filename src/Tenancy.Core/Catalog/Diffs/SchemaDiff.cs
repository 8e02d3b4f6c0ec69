using System.Collections.Immutable;
using Tenancy.Model;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>What makes one schema into another: changes in an order that works, each with the operations of a manifest and with its hazards.</summary>
public sealed class SchemaDiff
{
    private SchemaDiff(ImmutableArray<SchemaChange> changes, ImmutableArray<InexpressibleDifference> inexpressible, ImmutableArray<RenameSuggestion> suggestions, ImmutableArray<string> columnOrders) =>
        (Changes, Inexpressible, Suggestions, ColumnOrders) = (changes, inexpressible, suggestions, columnOrders);

    /// <summary>The changes, in order.</summary>
    public ImmutableArray<SchemaChange> Changes { get; }

    /// <summary>What differs and is not changed, object by object.</summary>
    public ImmutableArray<InexpressibleDifference> Inexpressible { get; }

    /// <summary>Renames that would explain what is gone and what is new; none of them is taken.</summary>
    public ImmutableArray<RenameSuggestion> Suggestions { get; }

    /// <summary>The tables whose columns stand in another order once all changes are made, which nothing changes.</summary>
    public ImmutableArray<string> ColumnOrders { get; }

    /// <summary>Do the schemas differ in anything but the order of columns?</summary>
    public bool IsEmpty => Changes.IsEmpty && Inexpressible.IsEmpty;

    /// <summary>The operations of all changes, in order.</summary>
    public IEnumerable<ManifestOperation> Operations => Changes.SelectMany(static change => change.Operations);

    /// <summary>The operations as items of a manifest's <c>up</c> or <c>down</c>, indented by two; empty where there are none.</summary>
    public string ToYaml() => OperationYaml.Write(Operations);

    /// <summary>Compares two schemas. What undoes the changes is the comparison the other way round, with the renames inverted.</summary>
    /// <param name="from">The schema as it is.</param>
    /// <param name="to">The schema as it is to be.</param>
    /// <param name="options">How to write the changes.</param>
    /// <exception cref="TenancyException"><c>RenameNotFound</c>: a rename that was asked for begins or ends at nothing; or what is said not to be renamed does not go.</exception>
    public static SchemaDiff Compare(SchemaSnapshot from, SchemaSnapshot to, DiffOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        options ??= new();
        if (!options.Renames.IsEmpty)
        {
            (from, to) = (PropertyValue.Canonical(from), PropertyValue.Canonical(to));
        }

        var renamed = new RenamedObjects(from, options.OwnToken);
        renamed.Apply(options.Renames, to);
        renamed.MatchDefinitions(to);
        var context = new DiffContext(options, new ObjectSet(renamed.Objects, renamed.Dependencies, options), new ObjectSet(to.Objects.Values, to.Dependencies, options));
        var nodes = new DiffPlanner(context, renamed.Steps).Plan();
        var changes = new ChangeWriter(context, nodes).Write();
        return new(changes, [.. context.Inexpressible.OrderBy(static item => item.Identity)], RenameSuggestions.Find(context), ColumnOrder.Find(context, nodes));
    }

    /// <summary>What undoes these options' changes: the same forms, the renames the other way round.</summary>
    /// <param name="options">The options of the way up.</param>
    public static DiffOptions Inverse(DiffOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options with { Renames = ObjectRename.Invert(options.Renames) };
    }
}
