using Tenancy.Core.Catalog.Diffs;
using Xunit;

namespace Tenancy.Core.Tests.Catalog.Diffs;

/// <summary>What hazards say is written anew is written anew by the server, and nothing else is.</summary>
public sealed class HazardTests(DiffServer server) : IClassFixture<DiffServer>
{
    private const string Domains = "CREATE DOMAIN d AS text; CREATE DOMAIN e AS d; CREATE TABLE t (a d); CREATE TABLE u (a e); CREATE TABLE v (a text);";

    /// <summary>That a change fails on some values is told where it can, and only there.</summary>
    [Theory]
    [InlineData("varchar(9)", "text", false)]
    [InlineData("jsonb", "text", false)]
    [InlineData("varchar(9)", "varchar(20)", false)]
    [InlineData("varchar(9)", "varchar(8)", true)]
    [InlineData("integer", "bigint", false)]
    [InlineData("bigint", "integer", true)]
    [InlineData("smallint", "numeric", false)]
    [InlineData("integer", "numeric(5,2)", true)]
    [InlineData("numeric(8,2)", "numeric(9,2)", false)]
    [InlineData("numeric(8,2)", "numeric(9,4)", true)]
    [InlineData("text", "integer", true)]
    [InlineData("few", "integer", false)]
    [InlineData("integer", "few", true)]
    public async Task WhatCannotFailIsNotToldToFail(string before, string after, bool fails)
    {
        const string domain = "CREATE DOMAIN few AS integer CHECK (VALUE < 5); ";
        var diff = await server.CompareAsync($"{domain} CREATE TABLE t (a {before});", $"{domain} CREATE TABLE t (a {after});");

        Assert.Equal(fails, diff.Changes.SelectMany(static change => change.Hazards).Any(static hazard => hazard.Kind == HazardKind.DependsOnData));
    }

    /// <summary>A partition that comes beside the default one finds its rows there.</summary>
    [Theory]
    [InlineData("CREATE TABLE more PARTITION OF e FOR VALUES IN (1);")]
    [InlineData("CREATE TABLE more (id int, n int); ALTER TABLE e ATTACH PARTITION more FOR VALUES IN (1);")]
    public async Task RowsOfTheDefaultPartitionStandInTheWay(string partition)
    {
        const string divided = "CREATE TABLE e (id int, n int) PARTITION BY LIST (id); CREATE TABLE rest PARTITION OF e DEFAULT; ";

        var diff = await server.CompareAsync(divided, divided + partition);

        Assert.Contains(diff.Changes.Single().Hazards, static hazard => hazard.Kind == HazardKind.DependsOnData && hazard.Message == "It fails where rows of rest belong in more.");
        Assert.Contains(diff.Changes.Single().Hazards, static hazard => hazard is { Table: "rest", Lock: "ACCESS EXCLUSIVE", Duration: LockDuration.Scan });
    }

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
    [InlineData("CREATE TABLE t (a timestamp(3) UNIQUE, b interval(2), c bit varying(3), d numeric(8,2), e time(0));", "CREATE TABLE t (a timestamp UNIQUE, b interval, c bit varying(5), d numeric(9,2), e time(3));", HazardKind.RewritesTable, "", "")]
    [InlineData("CREATE TABLE t (a timestamp);", "CREATE TABLE t (a timestamp(3));", HazardKind.RewritesTable, "t", "t")]
    [InlineData("CREATE TABLE t (a numeric(8,2));", "CREATE TABLE t (a numeric(9,3));", HazardKind.RewritesTable, "t", "t")]
    [InlineData("CREATE TABLE t (a xml, b varchar(9)[]);", "CREATE TABLE t (a text, b varchar(9)[]);", HazardKind.RewritesTable, "", "")]
    [InlineData("CREATE TABLE t (b varchar(9)[]);", "CREATE TABLE t (b varchar(10)[]);", HazardKind.RewritesTable, "t", "t")]
    [InlineData("CREATE DOMAIN d AS text; CREATE DOMAIN n AS int CHECK (VALUE > 0); CREATE TABLE t (a text UNIQUE, b n UNIQUE);", "CREATE DOMAIN d AS text; CREATE DOMAIN n AS int CHECK (VALUE > 0); CREATE TABLE t (a d UNIQUE, b int UNIQUE);", HazardKind.RewritesTable, "", "")]
    [InlineData("CREATE DOMAIN n AS int CHECK (VALUE > 0); CREATE DOMAIN m AS n; CREATE TABLE t (a int);", "CREATE DOMAIN n AS int CHECK (VALUE > 0); CREATE DOMAIN m AS n; CREATE TABLE t (a m);", HazardKind.RewritesTable, "t", "t")]
    [InlineData("CREATE TABLE t (a int PRIMARY KEY); CREATE TABLE u (a int REFERENCES t);", "CREATE TABLE t (a bigint PRIMARY KEY); CREATE TABLE u (a int REFERENCES t);", HazardKind.RewritesTable, "t", "t t_pkey")]
    public async Task WhatIsToldIsWhatHappens(string before, string after, HazardKind kind, string? tables, string files)
    {
        var (schema, from, to) = await server.MakePairAsync(before, after);
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
