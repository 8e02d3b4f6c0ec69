using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>Rows, locks and values elsewhere need <c>touches</c>.</summary>
public sealed class PlacementOfRowsTests
{
    [Theory]
    [InlineData("INSERT INTO t2.customer VALUES (9, 'x')", "t2.customer", "t2.customer")]
    [InlineData("INSERT INTO public.note VALUES (9)", "public.note", "public.note")]
    [InlineData("INSERT INTO shared.users VALUES (9, 'x')", "shared.users", "shared.users")]
    [InlineData("UPDATE t2.customer SET email = 'x' WHERE false", "t2.customer", "t2.customer")]
    [InlineData("DELETE FROM shared.users", "shared.users", "shared.*")]
    [InlineData("TRUNCATE t2.spare", "t2.spare", "t2.spare")]
    [InlineData("LOCK TABLE t2.customer IN EXCLUSIVE MODE", "t2.customer", "t2.customer")]
    [InlineData("REFRESH MATERIALIZED VIEW t2.totals", "t2.totals", "t2.totals")]
    [InlineData("ANALYZE shared.users", "shared.users", "shared.users")]
    [InlineData("INSERT INTO tenant_schema.watched VALUES (1)", "t2.log", "t2.log")]
    [InlineData("INSERT INTO tenant_schema.watched_late VALUES (1)", "t2.log", "t2.log")]
    [InlineData("DO $$ BEGIN BEGIN INSERT INTO t2.log VALUES (1); EXCEPTION WHEN OTHERS THEN NULL; END; END $$", "t2.log", "t2.log")]
    [InlineData("DO $$ BEGIN EXECUTE 'UPDATE t2.customer SET email = email'; END $$", "t2.customer", "t2.customer")]
    [InlineData("UPDATE tenancy.installation SET tool_version = tool_version", "tenancy.installation", "tenancy.installation")]
    public Task Rows_elsewhere_need_touches(string sql, string named, string touches) => PlacementProject.EnsureDeclaredAsync(sql, named, touches);

    /// <summary>The value of a sequence is not rolled back (manual, 9.17), so that it was taken can only be told.</summary>
    [Theory]
    [InlineData("SELECT nextval('t2.counter')", "t2.counter")]
    [InlineData("SELECT setval('t2.counter', 100)", "t2.counter")]
    [InlineData("INSERT INTO t2.item (note) VALUES ('x')", "t2.item")]
    public Task A_sequence_elsewhere_needs_touches(string sql, string named) => PlacementProject.EnsureDeclaredAsync(sql, named, named, isUndone: false);

    [Fact]
    public async Task What_a_held_cursor_would_do_at_the_commit_is_not_done()
    {
        await using var database = await PlacementProject.CreateDatabaseAsync();
        await database.ExecuteAsync("""
            CREATE FUNCTION t1.writes() RETURNS int LANGUAGE plpgsql AS 'BEGIN INSERT INTO t2.log VALUES (1); RETURN 1; END';
            CREATE FUNCTION t1.holds() RETURNS void LANGUAGE plpgsql AS $$BEGIN EXECUTE 'DECLARE held CURSOR WITH HOLD FOR SELECT t1.writes()'; END$$
            """);

        var result = await PlacementProject.RunAsync(database, "search_path", "SELECT tenant_schema.holds()");

        Assert.Null(result.Error);
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM t2.log"));
    }
}
