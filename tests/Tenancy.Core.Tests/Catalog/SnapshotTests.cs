using Npgsql;
using Tenancy.Core.Catalog;
using Tenancy.Core.Catalog.Diffs;
using Tenancy.Core.Tests.Catalog.Diffs;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Catalog;

public sealed class SnapshotTests(SnapshotSchemas schemas) : IClassFixture<SnapshotSchemas>
{
    public static TheoryData<string> Changes => SnapshotCases.Changes;

    /// <summary>Schemas of equal shape are equal, whatever they are called and whoever owns them; server and snapshot compute one fingerprint.</summary>
    [Fact]
    public async Task Names_and_owners_of_schemas_do_not_count()
    {
        var snapshots = await SnapshotReader.ReadAsync(schemas.Connection, SnapshotSchemas.Names, default);
        var fingerprints = await schemas.FingerprintsAsync(SnapshotSchemas.Names);
        Assert.Equal(SnapshotSchemas.Names.Order(), fingerprints.Keys.Order());
        Assert.All(SnapshotSchemas.Names, name =>
        {
            Assert.Empty(SnapshotComparison.Compare(schemas.Base, snapshots[name]).Select(static difference => difference.ToString()));
            Assert.Equal(schemas.Base.Fingerprint, snapshots[name].Fingerprint);
            Assert.Equal(schemas.Base.Fingerprint, fingerprints[name]);
            Assert.Equal(string.Join('\n', schemas.Base.Dependencies), string.Join('\n', snapshots[name].Dependencies));
        });
        Assert.DoesNotContain(schemas.Base.Objects.Values, static item => item.Identity.ToString().Contains("plain", StringComparison.Ordinal) || item.Properties.Values.Any(static value => value.Contains("plain", StringComparison.Ordinal)));
    }

    /// <summary>Each option is seen, and nothing but it. A diff takes it back and makes it again, or says why not.</summary>
    [SkippableTheory]
    [MemberData(nameof(Changes))]
    public async Task A_change_is_seen_where_it_is(string change)
    {
        var item = SnapshotCases.Of(change);
        Skip.If(schemas.Version < item.Version, $"PostgreSQL {schemas.Version} does not know it.");
        await schemas.ChangedAsync("invoice", change, async () =>
        {
            var snapshot = await SnapshotReader.ReadAsync(schemas.Connection, "invoice", default);
            var differences = SnapshotComparison.Compare(schemas.Base, snapshot);
            Assert.Equal(item.Expected.Order(), differences.Select(static found => $"{found.Identity}{(found.Property is null ? "" : $": {found.Property}")}").Order());
            if (item.Value is not null)
            {
                Assert.Equal(item.Value, Assert.Single(differences).Actual ?? "");
            }

            Assert.Equal(differences.Count == 0, snapshot.Fingerprint == schemas.Base.Fingerprint);
            Assert.Equal(snapshot.Fingerprint, (await schemas.FingerprintsAsync("invoice"))["invoice"]);
            var left = await CarryOutAsync(snapshot, schemas.Base, item, []);
            await CarryOutAsync(await SnapshotReader.ReadAsync(schemas.Connection, "invoice", default), snapshot, item, left);
        });
        Assert.Equal(schemas.Base.Fingerprint, (await schemas.FingerprintsAsync("invoice"))["invoice"]);
    }

    /// <summary>Columns have their place, which does not count.</summary>
    [Fact]
    public async Task Places_of_columns_do_not_count() => await schemas.ChangedAsync("order", "ALTER TABLE stray DROP a, ADD a int", async () =>
    {
        var snapshot = await SnapshotReader.ReadAsync(schemas.Connection, "order", default);
        Assert.Equal(3, snapshot.Objects[new("column", "a", "stray")].Position);
        Assert.Equal(schemas.Base.Fingerprint, snapshot.Fingerprint);
    });

    /// <summary>What must be there before what.</summary>
    [Theory]
    [InlineData("view rich", "column account.feeling")]
    [InlineData("view rich", "column invoice.total")]
    [InlineData("materialized view turnover", "column invoice.total")]
    [InlineData("column account.feeling", "enum mood")]
    [InlineData("column account.home", "composite type address")]
    [InlineData("column account.balance", "domain amount")]
    [InlineData("column account.length", "column account.email")]
    [InlineData("column invoice.id", "sequence invoice_id_seq")]
    [InlineData("constraint invoice.invoice_account_fkey", "constraint account.account_pkey")]
    [InlineData("index invoice.invoice_search", "column invoice.account")]
    [InlineData("function first_account()", "column account.id")]
    [InlineData("aggregate total_of(integer)", null)]
    [InlineData("trigger account.noted", "function note_change()")]
    [InlineData("table event_old", "table event")]
    [InlineData("table child", "table parent")]
    [InlineData("statistics account_place", "column account.name")]
    [InlineData("policy account.own", "table account")]
    public void Dependencies_are_known(string from, string? to)
    {
        var found = schemas.Base.Dependencies.Where(pair => pair.From.ToString() == from).Select(static pair => pair.To.ToString()).ToList();
        if (to is null)
        {
            Assert.Empty(found);
        }
        else
        {
            Assert.Contains(to, found);
        }
    }

    /// <summary>Names that PostgreSQL chose are matched by what they say: one more index does not make another of the others.</summary>
    [Fact]
    public async Task Generated_names_are_matched_by_definition() => await schemas.ChangedAsync("a.c|e*", "CREATE INDEX ON invoice (total DESC); CREATE INDEX ON invoice (total)", async () =>
    {
        var snapshot = await SnapshotReader.ReadAsync(schemas.Connection, "a.c|e*", default);
        var differences = SnapshotComparison.Compare(schemas.Base, snapshot).ToList();
        Assert.Equal(["index invoice.invoice_total_idx1 is too much", "index invoice.invoice_total_idx2 is too much"], differences.Select(static item => item.ToString()));
        Assert.Equal("(total > (0)::numeric)", GeneratedNames.Align(snapshot, schemas.Base).Objects[new("index", "invoice_total_idx", "invoice")]["where"]);
        Assert.Equal(["invoice_total_idx", "invoice_total_idx1", "invoice_total_idx2"],
            snapshot.Objects.Values.Where(static item => item.Identity.Name.StartsWith("invoice_total_idx", StringComparison.Ordinal)).Select(static item => item.ActualName).Order());
    });

    /// <summary>An extension in the schema is one object: what it made is its own.</summary>
    [SkippableFact]
    public async Task Members_of_extensions_are_left_out()
    {
        Skip.IfNot((await PostgresFixture.ServerAsync()).HasExtension("citext"), "The server comes without citext.");
        await schemas.ChangedAsync("new", "CREATE EXTENSION citext SCHEMA new; CREATE TABLE more (a citext DEFAULT 'x')", async () =>
        {
            var snapshot = await SnapshotReader.ReadAsync(schemas.Connection, "new", default);
            Assert.Equal(["column more.a", "extension citext", "table more"], SnapshotComparison.Compare(schemas.Base, snapshot).Select(static item => item.Identity.ToString()).Order());
            Assert.Equal("'x'::citext", snapshot.Objects[new("column", "a", "more")]["default"]);
        });
    }

    /// <summary>Keys over time of PostgreSQL 18.</summary>
    [SkippableFact]
    public async Task Keys_over_time_are_seen()
    {
        Skip.If(schemas.Version < 18, $"PostgreSQL {schemas.Version} does not know them.");
        await schemas.ChangedAsync("new", """
            CREATE TABLE stay (room int4range, during int4range, PRIMARY KEY (room, during WITHOUT OVERLAPS));
            CREATE TABLE meal (room int4range, during int4range, FOREIGN KEY (room, PERIOD during) REFERENCES stay (room, PERIOD during))
            """, async () =>
        {
            var snapshot = await SnapshotReader.ReadAsync(schemas.Connection, "new", default);
            Assert.Equal("true", snapshot.Objects[new("constraint", "stay_pkey", "stay")]["without_overlaps"]);
            Assert.Equal("true", snapshot.Objects[new("constraint", "meal_room_during_fkey", "meal")]["period"]);
        });
    }

    /// <summary>Reading leaves no setting, no lock and no statement behind, and locks nothing but for reading.</summary>
    [Fact]
    public async Task Nothing_is_left_behind()
    {
        const string locks = "SELECT coalesce(string_agg(relation::regclass || ' ' || mode, ', '), '') FROM pg_locks WHERE pid = pg_backend_pid() AND mode = 'AccessShareLock' AND relation >= 16384";
        await schemas.ChangedAsync("x", "SET LOCAL search_path = x, pg_catalog; SET LOCAL \"DateStyle\" = 'German'", async () =>
        {
            var before = await ScalarAsync(locks);
            await SnapshotReader.ReadAsync(schemas.Connection, SnapshotSchemas.Names, default);
            await schemas.FingerprintsAsync(SnapshotSchemas.Names);
            Assert.Equal(before, await ScalarAsync(locks));
            Assert.Equal("x, pg_catalog|German, DMY|on", await ScalarAsync("SELECT concat_ws('|', current_setting('search_path'), current_setting('DateStyle'), current_setting('enable_seqscan'))"));
            Assert.Equal(0L, await ScalarAsync("SELECT count(*) FROM pg_prepared_statements"));
        });
    }

    /// <summary>A schema that is not there is an error that leaves the transaction as it was; in a fleet it has no fingerprint.</summary>
    [Fact]
    public async Task A_missing_schema_is_said()
    {
        var error = await Assert.ThrowsAsync<TenancyException>(() => SnapshotReader.ReadAsync(schemas.Connection, ["plain", "nowhere"], default));
        Assert.Equal("SchemaNotFound", error.ErrorId);
        Assert.Equal(["plain"], (await schemas.FingerprintsAsync("plain", "nowhere")).Keys);
    }

    /// <summary>A role that may not use a schema would see its names as another's.</summary>
    [Fact]
    public async Task A_schema_that_may_not_be_used_is_an_error() => await schemas.ChangedAsync("plain", "SET LOCAL ROLE pg_monitor", async () =>
    {
        var error = await Assert.ThrowsAsync<TenancyException>(() => SnapshotReader.ReadAsync(schemas.Connection, "plain", default));
        Assert.Equal("SchemaNotReadable", error.ErrorId);
        error = await Assert.ThrowsAsync<TenancyException>(() => schemas.FingerprintsAsync("plain"));
        Assert.Equal("SchemaNotReadable", error.ErrorId);
    });

    // Gives what was said to be left as it is.
    private async Task<HashSet<ObjectIdentity>> CarryOutAsync(SchemaSnapshot from, SchemaSnapshot to, SnapshotCase item, HashSet<ObjectIdentity> known)
    {
        var diff = SchemaDiff.Compare(from, to, new DiffOptions { UsesPlainForms = true });
        Assert.True(diff.Inexpressible.All(left => item.Expected.Any(expected => expected.StartsWith(left.Identity.ToString(), StringComparison.Ordinal))), string.Join('\n', diff.Inexpressible));
        foreach (var statement in DiffServer.Statements("invoice", diff.ToYaml()))
        {
            try
            {
                await schemas.ExecuteAsync(statement);
            }
            catch (PostgresException error)
            {
                Assert.Fail($"{error.MessageText}: {statement}\n---\n{diff.ToYaml()}");
            }
        }

        HashSet<ObjectIdentity> left = [.. known, .. diff.Inexpressible.Select(static item => item.Identity)];
        var differences = SnapshotComparison.Compare(to, await SnapshotReader.ReadAsync(schemas.Connection, "invoice", default))
            // Known: what a table has of its own when it gets a parent stays its own.
            .Where(difference => !left.Contains(difference.Identity) && difference.Property != "local").ToList();
        Assert.True(differences.Count == 0, $"{string.Join('\n', differences)}\n---\n{diff.ToYaml()}");
        return left;
    }

    private async Task<object?> ScalarAsync(string sql)
    {
        await using NpgsqlCommand command = new(sql, schemas.Connection);
        return await command.ExecuteScalarAsync();
    }
}
