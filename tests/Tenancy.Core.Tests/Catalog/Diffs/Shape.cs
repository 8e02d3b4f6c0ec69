using System.Text;
using Tenancy.Core.Catalog;
using Tenancy.Core.Catalog.Diffs;
using Xunit;

namespace Tenancy.Core.Tests.Catalog.Diffs;

/// <summary>Compares snapshots, and shows what differs beside what was done.</summary>
internal static class Shape
{
    public static void AssertEqual(SchemaSnapshot expected, SchemaSnapshot actual, SchemaDiff diff)
    {
        var text = new StringBuilder();
        foreach (var identity in expected.Objects.Keys.Union(actual.Objects.Keys).Order())
        {
            var (wanted, found) = (expected.Objects.GetValueOrDefault(identity), actual.Objects.GetValueOrDefault(identity));
            if (wanted is null || !wanted.Equals(found))
            {
                text.Append($"{identity}: wanted {Show(wanted)}, found {Show(found)}\n");
            }
        }

        Assert.True(text.Length == 0, $"{text}---\n{diff.ToYaml()}");
    }

    private static string Show(CatalogObject? item) => item is null ? "nothing" : string.Join("; ", item.Properties.Select(static pair => $"{pair.Key}={pair.Value}"));
}
