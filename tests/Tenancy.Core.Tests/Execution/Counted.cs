using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>
/// Revisions that leave a row for each of their transactions in a table of the tenant, so that one applied twice, or half, shows: three of one
/// transaction, one of three stages around a concurrent index, one that is only such an index.
/// </summary>
internal static class Counted
{
    internal const string Head = "f0000005";

    internal const string Patient = "fleet: test\ntimeouts: {lock: 30s, tenant_lock: 2min}";

    internal static FleetProject WithCountedRevisions(this FleetProject project) => project
        .With("1", """
            revision: f0000001
            down: {irreversible: not of interest}
            up:
              - create_table: {name: counted, columns: [{name: what, type: text, nullable: false}]}
              - sql: INSERT INTO counted VALUES ('f0000001')
            """)
        .With("2", """
            revision: f0000002
            parent: f0000001
            down: {irreversible: not of interest}
            up:
              - add_column: {table: counted, name: extra, type: text}
              - sql: INSERT INTO counted VALUES ('f0000002')
            """)
        .With("3", """
            revision: f0000003
            parent: f0000002
            down: {irreversible: not of interest}
            up:
              - sql: INSERT INTO counted VALUES ('f0000003 1')
              - create_index: {name: counted_extra_idx, table: counted, columns: [extra], concurrently: true}
              - sql: INSERT INTO counted VALUES ('f0000003 3')
            """)
        .With("4", """
            revision: f0000004
            parent: f0000003
            down: {irreversible: not of interest}
            up:
              - create_index: {name: counted_what_idx, table: counted, columns: [what], concurrently: true}
            """)
        .With("5", """
            revision: f0000005
            parent: f0000004
            down: {irreversible: not of interest}
            up:
              - sql: INSERT INTO counted VALUES ('f0000005')
            """);

    /// <summary>Every tenant stands at a boundary or at a named step: what its schema holds is what history says, and nothing was done twice.</summary>
    internal static async Task AssertConsistentAsync(this TestDatabase database, IEnumerable<string> schemas)
    {
        var hasHistory = await database.ScalarAsync<bool>("SELECT to_regclass('tenancy.history') IS NOT NULL");
        foreach (var schema in schemas)
        {
            var rows = await database.ScalarAsync<bool>($"SELECT to_regclass('{schema}.counted') IS NOT NULL")
                ? await database.QueryAsync($"SELECT what FROM {schema}.counted ORDER BY 1")
                : [];
            var told = hasHistory
                ? await database.QueryAsync($"""
                    SELECT what FROM (
                      SELECT revision AS what FROM tenancy.history WHERE schema = '{schema}' AND outcome = 'done' AND step IS NULL AND revision IN ('f0000001', 'f0000002', 'f0000005')
                      UNION ALL SELECT 'f0000003 1' FROM tenancy.history WHERE schema = '{schema}' AND outcome = 'done' AND revision = 'f0000003' AND step LIKE '1:%'
                      UNION ALL SELECT 'f0000003 3' FROM tenancy.history WHERE schema = '{schema}' AND outcome = 'done' AND revision = 'f0000003' AND step IS NULL) told
                    ORDER BY 1
                    """)
                : [];
            Assert.Equal(told.Select(static row => row[0]), rows.Select(static row => row[0]));
            Assert.Equal(rows.Count, rows.Select(static row => row[0]).Distinct().Count());
            if (hasHistory)
            {
                // The head is the last revision that history has as done, and stages are those of the next one.
                Assert.Equal(
                    await database.ScalarAsync<string>($"SELECT max(revision) FROM tenancy.history WHERE schema = '{schema}' AND outcome = 'done' AND step IS NULL"),
                    await database.ScalarAsync<string>($"SELECT string_agg(revision, ' ') FROM tenancy.head WHERE schema = '{schema}'"));
                Assert.Equal(0L, await database.ScalarAsync<long>($"SELECT count(*) FROM tenancy.stage s JOIN tenancy.head h USING (schema) WHERE schema = '{schema}' AND s.revision <= h.revision"));
            }
        }
    }

    /// <summary>Every tenant has everything, once.</summary>
    internal static async Task AssertAtHeadOnceAsync(this TestDatabase database, IReadOnlyCollection<string> schemas)
    {
        await database.AssertConsistentAsync(schemas);
        var names = string.Join(", ", schemas.Select(static schema => $"'{schema}'"));
        Assert.Equal(schemas.Count, await database.ScalarAsync<long>($"SELECT count(*) FROM tenancy.head WHERE revision = '{Head}' AND schema IN ({names})"));
        Assert.Equal(5L * schemas.Count, await database.ScalarAsync<long>($"SELECT count(*) FROM tenancy.history WHERE outcome = 'done' AND step IS NULL AND schema IN ({names})"));
        Assert.Equal(5L * schemas.Count, await database.ScalarAsync<long>($"SELECT count(DISTINCT (schema, revision)) FROM tenancy.history WHERE outcome = 'done' AND step IS NULL AND schema IN ({names})"));
        Assert.Equal(0L, await database.ScalarAsync<long>($"SELECT count(*) FROM tenancy.stage WHERE schema IN ({names})"));
        Assert.Equal(2L * schemas.Count, await database.ScalarAsync<long>(
            $"SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE indisvalid AND relname IN ('counted_extra_idx', 'counted_what_idx') AND relnamespace::regnamespace::text IN ({names})"));
    }
}
