using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>
/// What bodies of functions name, which the server does not remember, though it looks for it when a function is created. A word in a body that is the name of an object is taken for it: where that is wrong, an
/// order is kept that nothing needs, and none that makes a circle.
/// </summary>
/// <param name="set">The objects as they are to be.</param>
internal sealed class TextDependencies(ObjectSet set)
{
    private static readonly string[] Named = ["table", "view", "materialized_view", "foreign_table", "sequence", "enum", "domain", "composite_type", "range_type", "function", "procedure", "aggregate"];

    /// <summary>Puts what bodies name before the functions, as far as nothing else wants the contrary.</summary>
    /// <param name="making">Gives what makes an object, or null.</param>
    /// <param name="unchecked">Takes the routines whose bodies name what comes later.</param>
    public void Order(Func<ObjectIdentity, ChangeNode?> making, HashSet<ObjectIdentity> @unchecked)
    {
        var routines = set.Objects.Values.Where(static item => item.Identity.Kind is "function" or "procedure" && item["body"] is not null)
            .Select(item => (Item: item, Node: making(item.Identity))).Where(static pair => pair.Node is not null).OrderBy(static pair => pair.Item.Identity).ToList();
        if (routines.Count == 0)
        {
            return;
        }

        var names = set.Objects.Keys.Where(static identity => identity.Table is null && Named.Contains(identity.Kind))
            .ToLookup(static identity => identity.Name.Split('(')[0], StringComparer.Ordinal);
        foreach (var (item, node) in routines)
        {
            var words = SqlLexer.Tokenize(item["body"]!).Where(static token => token.IsName).Select(token => SqlIdentifier.Unquote(item["body"].AsSpan(token.Start, token.Length))).Distinct();
            foreach (var named in words.SelectMany(word => names[word]).Where(named => named != item.Identity))
            {
                foreach (var part in Parts(named))
                {
                    if (making(part) is not { } other)
                    {
                        continue;
                    }

                    if (!ChangeGraph.IsBefore(node!, other))
                    {
                        ChangeGraph.Order(other, node);
                    }
                    else if (other.Step == ChangeStep.Create)
                    {
                        @unchecked.Add(item.Identity);
                    }
                }
            }
        }
    }

    /// <summary>The object, and a table's columns, which a function may use.</summary>
    private IEnumerable<ObjectIdentity> Parts(ObjectIdentity identity) => set.NeededBy(identity).Where(part => part.Kind == "column" && part.Table == identity.Name).Prepend(identity);
}
