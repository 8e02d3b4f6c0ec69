using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>One operation through the engine: up, down and up again, with what is there compared.</summary>
internal static class RoundTrip
{
    /// <param name="first">The manifest that makes what the operation needs; its revision is aaaa0001.</param>
    /// <param name="operation">The operation; more stand on lines of their own, indented as items of 'up'.</param>
    /// <param name="downIsExact">False where rows are lost or the order of columns changes.</param>
    public static async Task RunAsync(string first, string operation, bool downIsExact = true)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database, "fleet: test\nmode: token").With("1", first).With("2", $"""
            revision: aaaa0002
            parent: aaaa0001
            up:
              - {operation}
            """);
        await database.ExecuteAsync("CREATE SCHEMA \"t 1\"");
        var tenants = FleetProject.Tenants("t 1");
        Outcome.AssertMigrated(await project.MigrateAsync(tenants, new() { To = "aaaa0001" }));
        if (operation.Contains("primary_key: [id]", StringComparison.Ordinal))
        {
            await database.ExecuteAsync("ALTER TABLE \"t 1\".thing DROP CONSTRAINT thing_pkey CASCADE");
        }

        var before = await database.DumpAsync("t 1");
        Outcome.AssertMigrated(await project.MigrateAsync(tenants));
        var up = await database.DumpAsync("t 1");
        Outcome.AssertMigrated(await project.UndoAsync(tenants, "aaaa0001"));
        var down = await database.DumpAsync("t 1");
        Outcome.AssertMigrated(await project.MigrateAsync(tenants));

        Assert.NotEqual(before, up);
        Assert.Equal(up, await database.DumpAsync("t 1"));
        if (downIsExact)
        {
            Assert.Equal(Sorted(before), Sorted(down));
        }
    }

    // Rows that were written anew come later in a dump.
    private static string Sorted(string dump) => string.Join('\n', dump.Split('\n').Order(StringComparer.Ordinal));
}
