using Tenancy.Core.Catalog.Diffs;
using Xunit;

namespace Tenancy.Core.Tests.Catalog.Diffs;

/// <summary>What hazards say is written anew is written anew by the server, and nothing else is.</summary>
public sealed class HazardTests(DiffServer server) : IClassFixture<DiffServer>
{
    private const string Domains = "CREATE DOMAIN d AS text; CREATE DOMAIN e AS d; CREATE TABLE t (a d); CREATE TABLE u (a e); CREATE TABLE v (a text);";

    /// <summary>A change, the hazard, its tables, and which relations get another file.</summary>
    [Theory]
    [InlineData("CREATE TABLE t (a text, b text); CREATE INDEX ON t (a); CREATE INDEX ON t (b);", "CREATE TABLE t (a text COLLATE \"C\", b text); CREATE INDEX ON t (a); CREATE INDEX ON t (b);", HazardKind.BuildsIndex, "t", "t_a_idx")]
    [InlineData("CREATE TABLE t (a text UNIQUE, b text);", "CREATE TABLE t (a text COLLATE \"C\" UNIQUE, b text);", HazardKind.BuildsIndex, "t", "t_a_key")]
    [InlineData("CREATE TABLE t (a text, b text UNIQUE);", "CREATE TABLE t (a text COLLATE \"C\", b text UNIQUE);", HazardKind.BuildsIndex, "", "")]
    [InlineData("CREATE TABLE t (a varchar(5) UNIQUE CHECK (a <> ''));", "CREATE TABLE t (a varchar(9) UNIQUE CHECK (a <> ''));", HazardKind.ScansTable, null, "")]
    [InlineData("CREATE TABLE t (a int UNIQUE, b int);", "CREATE TABLE t (a bigint UNIQUE, b int);", HazardKind.RewritesTable, "t", "t t_a_key")]
    [InlineData("CREATE TABLE t (a int, b int); CREATE MATERIALIZED VIEW m AS SELECT a FROM t; CREATE INDEX m_a ON m (a);", "CREATE TABLE t (a bigint, b int); CREATE MATERIALIZED VIEW m AS SELECT a FROM t; CREATE INDEX m_a ON m (a);", HazardKind.RewritesTable, "m t", "m m_a t")]
    [InlineData("CREATE TABLE t (a int); CREATE MATERIALIZED VIEW m AS SELECT a FROM t WITH NO DATA;", "CREATE TABLE t (a int); CREATE MATERIALIZED VIEW m AS SELECT a FROM t;", HazardKind.RewritesTable, "m", "m")]
    [InlineData("CREATE TABLE t (a int UNIQUE);", "CREATE UNLOGGED TABLE t (a int UNIQUE);", HazardKind.RewritesTable, "t", "t t_a_key")]
    [InlineData("CREATE TABLE t (a int UNIQUE);", "CREATE UNLOGGED TABLE t (a int UNIQUE);", HazardKind.NotCrashSafe, "t", "t t_a_key")]
    [InlineData("CREATE UNLOGGED TABLE t (a int);", "CREATE TABLE t (a int);", HazardKind.RewritesTable, "t", "t")]
    [InlineData("CREATE UNLOGGED TABLE t (a int);", "CREATE TABLE t (a int);", HazardKind.NotCrashSafe, "", "t")]
    [InlineData(Domains, "CREATE DOMAIN d AS text NOT NULL; CREATE DOMAIN e AS d; CREATE TABLE t (a d); CREATE TABLE u (a e); CREATE TABLE v (a text);", HazardKind.ScansTable, "t u", "")]
    [InlineData(Domains, "CREATE DOMAIN d AS text CHECK (VALUE <> ''); CREATE DOMAIN e AS d; CREATE TABLE t (a d); CREATE TABLE u (a e); CREATE TABLE v (a text);", HazardKind.ScansTable, "t u", "")]
    public async Task WhatIsToldIsWhatHappens(string before, string after, HazardKind kind, string? tables, string files)
    {
        var schema = DiffServer.NewName("left");
        var from = await server.MakeAsync(schema, before);
        var to = await server.MakeAsync(DiffServer.NewName("right"), after);
        var was = await FilesAsync();

        var diff = SchemaDiff.Compare(from, to);

        var told = diff.Changes.SelectMany(static change => change.Hazards).Where(hazard => hazard.Kind == kind || (tables is null && hazard.Duration == LockDuration.Scan)).Select(static hazard => hazard.Table).Distinct().Order(StringComparer.Ordinal);
        Assert.Equal(tables ?? "t", string.Join(' ', told));
        await server.ApplyAsync(schema, diff, isTransaction: false);
        Shape.AssertEqual(to, await server.ReadAsync(schema), diff);
        Assert.Equal(files, string.Join(' ', (await FilesAsync()).Except(was).Select(static file => file.Split(':')[0]).Order(StringComparer.Ordinal)));

        async Task<string[]> FilesAsync() => (await server.ScalarAsync<string[]>(schema, "SELECT array_agg(relname || ':' || relfilenode ORDER BY relname) FROM pg_class WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) AND relfilenode <> 0"))!;
    }
}
