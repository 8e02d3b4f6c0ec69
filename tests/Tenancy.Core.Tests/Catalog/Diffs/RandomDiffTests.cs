using System.Globalization;
using Tenancy.Core.Catalog;
using Tenancy.Core.Catalog.Diffs;
using Xunit;

namespace Tenancy.Core.Tests.Catalog.Diffs;

/// <summary>Two random schemas: the diff makes the one into the other and back, whatever they are; a schema differs from itself in nothing. The seeds are the same each time, unless <c>TENANCY_RANDOM_SEED</c> says the first. A failure is tried again with smaller schemas, and told of the smallest; each seed that fails is told.</summary>
public sealed class RandomDiffTests(DiffServer server) : IClassFixture<DiffServer>
{
    /// <summary>How many pairs; more are asked for by <c>TENANCY_RANDOM_DIFFS</c>.</summary>
    private static int Pairs => int.TryParse(Environment.GetEnvironmentVariable("TENANCY_RANDOM_DIFFS"), CultureInfo.InvariantCulture, out var count) ? count : 8;

    [Fact]
    public async Task AnySchemaBecomesAnyOther()
    {
        await server.MakeRolesAsync();
        var first = int.TryParse(Environment.GetEnvironmentVariable("TENANCY_RANDOM_SEED"), CultureInfo.InvariantCulture, out var seed) ? seed : 1;
        List<string> failures = [];
        for (var number = first; number < first + Pairs; number++)
        {
            if (await TryAsync(number, 6) is { } failure)
            {
                for (var size = 1; size < 6; size++)
                {
                    if (await TryAsync(number, size) is { } smaller)
                    {
                        failure = smaller;
                        break;
                    }
                }

                failures.Add($"Seed {number}: {failure}");
            }
        }

        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
    }

    private async Task<string?> TryAsync(int seed, int size)
    {
        var (before, after) = (RandomSchema.Make(seed * 2, size, server.Version), RandomSchema.Make((seed * 2) + 1, size, server.Version));
        var (left, right) = (DiffServer.NewName("left"), DiffServer.NewName("right"));
        try
        {
            var from = await server.MakeAsync(left, before);
            var to = await server.MakeAsync(right, after);
            var options = new DiffOptions { UsesPlainForms = seed % 2 == 0 };
            await ChangeAsync(left, from, to, options);
            await ChangeAsync(left, to, from, SchemaDiff.Inverse(options));
            Assert.True(SchemaDiff.Compare(to, to, options).IsEmpty);
            await RenameAsync(left, from, options);
            return null;
        }
        catch (Exception error) when (error is InvalidOperationException or Xunit.Sdk.XunitException or Tenancy.Model.TenancyException or Npgsql.NpgsqlException)
        {
            return $"{error.Message}\n--- before\n{before}\n--- after\n{after}";
        }
        finally
        {
            await server.DropAsync(left, right);
        }
    }

    /// <summary>What is one thing under two names keeps its rows: two tables exchange names, or one gets a new one.</summary>
    private async Task RenameAsync(string schema, SchemaSnapshot from, DiffOptions options)
    {
        var tables = from.Objects.Values.Where(static item => item.Identity is { Kind: "table", Name: ['t', ..] }).Select(static item => item.Identity.Name).Order(StringComparer.Ordinal).Take(2).ToList();
        if (tables.Count < 2)
        {
            return;
        }

        var (one, other) = (tables[0], tables[1]);
        await server.RunAsync(schema, [$"ALTER TABLE {one} RENAME TO aside", $"ALTER TABLE {other} RENAME TO {one}", $"ALTER TABLE aside RENAME TO {other}"]);
        var exchanged = await server.ReadAsync(schema);
        var asked = options with { Renames = [new("table", null, one, other), new("table", null, other, one)] };
        await ChangeAsync(schema, exchanged, from, SchemaDiff.Inverse(asked));
    }

    private async Task ChangeAsync(string schema, SchemaSnapshot from, SchemaSnapshot to, DiffOptions options)
    {
        var diff = SchemaDiff.Compare(from, to, options);
        Assert.Empty(diff.Inexpressible);
        await server.ApplyAsync(schema, diff, isTransaction: false);
        Shape.AssertEqual(to, await server.ReadAsync(schema), diff);
    }
}
