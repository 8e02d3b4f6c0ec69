using Tenancy.Core.Tests.Manifests;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary><c>using_index</c>: an index that was built while others went on becomes a constraint's, and an undo leaves what was there before.</summary>
public sealed class ConstraintByIndexTests
{
    private const string Table = "revision: aaaa0001\nup:\n  - create_table: {name: a, columns: [{name: id, type: int, nullable: false}, {name: b, type: text}]}\n";

    [Fact]
    public async Task One_that_was_there_is_there_again()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA shared; CREATE SCHEMA t1");
        using var project = new FleetProject(database)
            .With("1", Table + "  - create_index: {name: b_idx, table: a, columns: [b], unique: true, nulls_not_distinct: true}\n")
            .With("2", "revision: aaaa0002\nparent: aaaa0001\nup:\n  - add_constraint: {table: a, name: b_key, unique: [b], nulls_not_distinct: true, using_index: b_idx, deferrable: true}\n");
        await project.MigrateAsync(FleetProject.Tenants("t1"), new() { To = "aaaa0001" });
        var before = await database.DumpAsync("t1");

        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1")));
        Assert.Equal("UNIQUE NULLS NOT DISTINCT (b) DEFERRABLE", await database.ScalarAsync<string>("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'b_key'"));
        Outcome.AssertNoError(await project.UndoAsync(FleetProject.Tenants("t1"), "aaaa0001"));

        Assert.Equal(before, await database.DumpAsync("t1"));
    }

    /// <summary>Dropping the constraint takes its index: nothing is built anew, and nothing is dropped twice.</summary>
    [Fact]
    public async Task One_of_the_same_revision_goes_with_the_constraint()
    {
        const string Up = "  - create_index: {name: a_key, table: a, columns: [id], unique: true, concurrently: true}\n  - add_constraint: {table: a, name: a_pkey, primary_key: [id], using_index: a_key}\n";
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA shared; CREATE SCHEMA t1");
        using var project = new FleetProject(database).With("1", Table).With("2", "revision: aaaa0002\nparent: aaaa0001\nup:\n" + Up);
        await project.MigrateAsync(FleetProject.Tenants("t1"), new() { To = "aaaa0001" });
        var before = await database.DumpAsync("t1");

        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1")));
        Assert.True(await database.ScalarAsync<bool>("SELECT indisprimary FROM pg_index WHERE indexrelid = 't1.a_pkey'::regclass"));
        Outcome.AssertNoError(await project.UndoAsync(FleetProject.Tenants("t1"), "aaaa0001"));

        Assert.Equal(before, await database.DumpAsync("t1"));
        Assert.Equal("ALTER TABLE \"t1\".\"a\" DROP CONSTRAINT \"a_pkey\"", Assert.Single(TestProject.SqlOf(TestProject.ReadText("revision: r2\nup:\n" + Up).Down)));
    }
}
