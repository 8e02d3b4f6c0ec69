using System.Globalization;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Faults;

/// <summary>What must hold of a <see cref="FaultFleet"/> after whatever happened to a run.</summary>
internal static class FaultCheck
{
    /// <summary>
    /// Every tenant stands at a revision's boundary or at a named step; what is in its schema is what history says, and nothing was done twice; an index that is not valid has its mark; and what
    /// <c>Get-TenantRevision</c> would say is just that.
    /// </summary>
    internal static async Task<List<Standing>> AssertStandingAsync(this TestDatabase database, FleetProject project, IReadOnlyCollection<string> schemas)
    {
        var standings = await ReadStandingsAsync(database, schemas);
        var ledgers = await ReadEachAsync(database, "ledger", schemas, static schema => $"SELECT '{schema}', what FROM {schema}.ledger");
        var rows = await ReadEachAsync(database, "item", schemas, static schema =>
            $"SELECT '{schema}', concat_ws(' ', count(*), count(*) FILTER (WHERE times = 1), coalesce(max(id) FILTER (WHERE times = 1), 0), count(*) FILTER (WHERE times > 1)) FROM {schema}.item");
        var history = (await HasHistoryAsync(database)
            ? await database.QueryAsync($"SELECT schema, right(revision, 1) || coalesce('.' || split_part(step, ':', 1), '') FROM tenancy.history WHERE outcome = 'done' AND scope = 'tenant' AND schema IN ({Names(schemas)})")
            : []).ToLookup(static row => (string)row[0]!, static row => (string)row[1]!);
        var indexes = (await database.QueryAsync($"""
            SELECT n.nspname::text, i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relname LIKE 'item_times_idx%' AND n.nspname IN ({Names(schemas)})
            """)).ToLookup(static row => (string)row[0]!, static row => (bool)row[1]!);
        var values = (await database.QueryAsync("SELECT n.nspname::text FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid JOIN pg_namespace n ON n.oid = t.typnamespace WHERE e.enumlabel = 'bad'")).Select(static row => (string)row[0]!).ToHashSet();

        foreach (var standing in standings)
        {
            var at = standing.ToString();
            AssertSame(at, standing.Ledger, ledgers[standing.Schema]);
            AssertSame(at, standing.History, history[standing.Schema]);
            string[] expected = standing.HasRows ? [string.Create(CultureInfo.InvariantCulture, $"{FaultFleet.Rows} {standing.Changed} {standing.Changed} 0")] : [];
            AssertSame(at, expected, rows[standing.Schema]);
            Assert.True(standing.HasEnumValue == values.Contains(standing.Schema), at);
            Assert.True(standing.HasIndex is not { } has || (has ? indexes[standing.Schema].SequenceEqual([true]) : !indexes[standing.Schema].Any()), $"{at}: indexes {string.Join(", ", indexes[standing.Schema])}");
        }

        await AssertSharedAsync(database, standings);
        await AssertToldAsync(project, standings);
        return standings;
    }

    /// <summary>A second run finishes: no error, every tenant and the shared schema at head, everything done once, no lock or open transaction left.</summary>
    internal static Task AssertFinishesAsync(this TestDatabase database, FleetProject project, int tenants) => database.AssertFinishesAsync(project, FaultFleet.Tenants(tenants));

    /// <inheritdoc cref="AssertFinishesAsync(TestDatabase, FleetProject, int)"/>
    internal static async Task AssertFinishesAsync(this TestDatabase database, FleetProject project, IReadOnlyList<Tenant> tenants)
    {
        Outcome.AssertNoError(await project.MigrateAsync(tenants, FaultFleet.Four));
        Assert.All(await database.AssertStandingAsync(project, [.. tenants.Select(static tenant => tenant.Schema)]), static standing => Assert.True(standing.IsAtHead, standing.ToString()));
        Assert.Equal("5a000002", await database.ScalarAsync<string>("SELECT string_agg(revision, ' ') FROM tenancy.head WHERE scope = 'shared'"));
        await database.AssertNoLocksAsync();
        Assert.All(await project.MigrateAsync(tenants, FaultFleet.Four), static result => Assert.Equal(MigrationStatus.UpToDate, result.Status));
    }

    /// <summary>Waits until no run's session does anything any more; those in a pooler's hands stay.</summary>
    internal static async Task AssertQuietAsync(this TestDatabase database)
    {
        const string Quiet = """
            SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND (xact_start IS NOT NULL OR state <> 'idle'))
              AND NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
            """;
        // What a killed client had sent may still be read, and begin something.
        for (var times = 0; times < 5; times++)
        {
            await database.UntilAsync(Quiet);
            await Task.Delay(40);
        }

        await database.AssertNoLocksAsync();
    }

    /// <summary>Every failure says what it is and what to do, and none is one that nobody thought of.</summary>
    internal static void AssertExplained(IEnumerable<MigrationResult> results) => Assert.All(results.Select(static result => result.Failure).OfType<MigrationFailure>(), static failure =>
    {
        Assert.NotEqual("Unexpected", failure.ErrorId);
        Assert.NotEmpty(failure.ErrorId);
        Assert.NotEmpty(failure.Message);
        Assert.NotEmpty(failure.RecommendedAction ?? "");
    });

    private static async Task<List<Standing>> ReadStandingsAsync(TestDatabase database, IReadOnlyCollection<string> schemas)
    {
        if (!await HasHistoryAsync(database))
        {
            return [.. schemas.Select(static schema => Standing.Of(schema, [], []))];
        }

        var heads = (await database.QueryAsync("SELECT schema, revision FROM tenancy.head WHERE scope = 'tenant'")).ToLookup(static row => (string)row[0]!, static row => (string)row[1]!);
        var marks = (await database.QueryAsync("SELECT schema, revision, number, outcome = 'done', position FROM tenancy.stage WHERE scope = 'tenant' ORDER BY schema, revision, number"))
            .ToLookup(static row => (string)row[0]!, static row => ((string)row[1]!, (int)row[2]!, (bool)row[3]!, row[4]?.ToString()));
        return [.. schemas.Select(schema => Standing.Of(schema, [.. heads[schema]], [.. marks[schema]]))];
    }

    // The shared schema has no stages; what it holds is what its history says, and the second revision came after all tenants.
    private static async Task AssertSharedAsync(TestDatabase database, List<Standing> standings)
    {
        var rows = await database.ScalarAsync<bool>("SELECT to_regclass('shared.kind') IS NOT NULL") ? await database.ScalarAsync<string>("SELECT string_agg(id::text, ' ' ORDER BY id) FROM shared.kind") : null;
        var told = await HasHistoryAsync(database) ? await database.ScalarAsync<string>("SELECT string_agg(right(revision, 1), ' ' ORDER BY revision) FROM tenancy.history WHERE scope = 'shared' AND outcome = 'done'") : null;
        var head = await HasHistoryAsync(database) ? await database.ScalarAsync<string>("SELECT string_agg(right(revision, 1), ' ' ORDER BY revision) FROM tenancy.head WHERE scope = 'shared'") : null;
        Assert.Equal((rows, rows?[^1..]), (told, head));
        Assert.True(standings.All(static standing => standing.Head < 2) || head is not null);
        Assert.True(standings.All(static standing => standing.Head == 6) || head is not "2");
    }

    private static async Task AssertToldAsync(FleetProject project, List<Standing> standings)
    {
        await using var fleet = project.Open();
        var told = (await fleet.GetTenantRevisionsAsync(FleetProject.Tenants([.. standings.Select(static standing => standing.Schema)])).ToListAsync()).Where(static one => one.Scope == "tenant").ToDictionary(static one => one.Schema);
        foreach (var standing in standings)
        {
            var one = told[standing.Schema];
            Assert.Equal(standing.IsInProgress ? TenantRevisionStatus.InProgress : standing.IsAtHead ? TenantRevisionStatus.AtHead : TenantRevisionStatus.Behind, one.Status);
            Assert.Equal(standing.IsInProgress, one.Step is not null);
        }
    }

    private static async Task<ILookup<string, string>> ReadEachAsync(TestDatabase database, string table, IReadOnlyCollection<string> schemas, Func<string, string> query)
    {
        var there = await database.QueryAsync($"SELECT n.nspname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = '{table}' AND n.nspname IN ({Names(schemas)})");
        return (there.Count == 0 ? [] : await database.QueryAsync(string.Join(" UNION ALL ", there.Select(row => query((string)row[0]!))))).ToLookup(static row => (string)row[0]!, static row => (string)row[1]!);
    }

    private static Task<bool> HasHistoryAsync(TestDatabase database) => database.ScalarAsync<bool>("SELECT to_regclass('tenancy.history') IS NOT NULL");

    private static void AssertSame(string at, IEnumerable<string> expected, IEnumerable<string> actual)
    {
        var (one, other) = (string.Join(", ", expected.Order(StringComparer.Ordinal)), string.Join(", ", actual.Order(StringComparer.Ordinal)));
        Assert.True(one == other, $"{at}: expected {one}, there is {other}");
    }

    private static string Names(IEnumerable<string> schemas) => string.Join(", ", schemas.Select(static schema => $"'{schema}'"));
}
