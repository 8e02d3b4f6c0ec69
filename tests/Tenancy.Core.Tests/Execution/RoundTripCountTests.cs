using System.Globalization;
using System.Net;
using Tenancy.Benchmarks;
using Tenancy.Core.Planning;
using Tenancy.Core.Tenants;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>How often a run waits for a server that is far away, whatever the number of tenants.</summary>
public sealed class RoundTripCountTests
{
    // What a transaction that is slow on a busy machine asks besides: who blocks it.
    private const int Spare = 3;

    [Theory]
    [InlineData(3, 4)]
    [InlineData(300, 4)]
    [InlineData(3, 0)]
    public async Task A_run_with_nothing_to_do_asks_once(int tenants, int limit)
    {
        await using var setting = await Setting.CreateAsync(tenants);
        Outcome.AssertMigrated(await setting.Project.MigrateAsync(setting.Tenants, new() { ThrottleLimit = 4 }));

        var flights = await setting.CountAsync(new() { ThrottleLimit = limit }, MigrationStatus.UpToDate);

        Assert.Equal(1, flights);
    }

    [Theory]
    [InlineData(TransactionMode.PerTenant, 1)]
    [InlineData(TransactionMode.PerTenant, 0)]
    [InlineData(TransactionMode.PerRevision, 1)]
    [InlineData(TransactionMode.PerRevision, 0)]
    public async Task A_run_asks_four_times_beside_once_a_tenant(TransactionMode mode, int limit)
    {
        await using var setting = await Setting.CreateAsync(20);
        Outcome.AssertMigrated(await setting.Project.MigrateAsync(setting.Tenants, new() { To = "bbbb0001" }));

        // State; what the run is, and then what is needed to go on with it; the commit that makes all durable.
        var flights = await setting.CountAsync(new() { Transaction = mode, ThrottleLimit = limit }, MigrationStatus.Migrated);

        Assert.InRange(flights, 20 + 4, 20 + 4 + Spare);
    }

    [Fact]
    public async Task Texts_of_manifests_that_history_keeps_are_not_sent_again()
    {
        const int Revisions = 50, TextLength = 20_000;
        await using var setting = await Setting.CreateAsync(2);
        for (var number = 4; number < Revisions; number++)
        {
            // A comment would not be in the text; the statement itself is short.
            setting.Project.With(Id(number), $"revision: {Id(number)}\nparent: {Id(number - 1)}\ndescription: {new string('x', TextLength)}\nup: [{{sql: 'SELECT 1', undo: 'SELECT 1'}}]\n");
        }

        // The first has none of them, the second all but the last.
        Outcome.AssertMigrated(await setting.Project.MigrateAsync(setting.Tenants[1..], new() { To = Id(Revisions - 2), ThrottleLimit = 4 }));

        var flights = await setting.CountAsync(new() { Transaction = TransactionMode.PerTenant, ThrottleLimit = 4 }, MigrationStatus.Migrated);

        Assert.InRange(setting.Sent, TextLength, 5 * TextLength);
        Assert.InRange(flights, 2 + 4, 2 + 4 + Spare);
        Assert.Equal((long)Revisions, await setting.CountTextsAsync());

        static string Id(int number) => string.Create(CultureInfo.InvariantCulture, $"bbbb{number:0000}");
    }

    [Fact]
    public async Task New_tenants_ask_no_more_often_for_a_long_history_or_many_tenants()
    {
        await using var setting = await Setting.CreateAsync(1);
        for (var number = 4; number < 100; number++)
        {
            setting.Project.With($"bbbb{number:0000}", $"revision: bbbb{number:0000}\nparent: bbbb{number - 1:0000}\nup: [{{sql: 'SELECT {number}', undo: 'SELECT 1'}}]\n");
        }

        Outcome.AssertMigrated(await setting.Project.MigrateAsync(setting.Tenants));

        // 2 at the most for each of the 10: it is filled, and asked where its statements have landed. Some 58 for the run, whatever their number.
        var flights = await setting.CountMadeAsync("n1", "n2", "n3", "n4", "n5", "n6", "n7", "n8", "n9", "n10");

        Assert.InRange(flights, 10, 20 + 58);
    }

    private sealed class Setting : IAsyncDisposable
    {
        private readonly TestDatabase database;
        private readonly DelayProxy proxy;

        private Setting(TestDatabase database, int tenants)
        {
            this.database = database;
            proxy = new(new IPEndPoint(IPAddress.Loopback, database.Server.Port), TimeSpan.Zero);
            Tenants = FleetProject.Tenants([.. Enumerable.Range(0, tenants).Select(static number => string.Create(CultureInfo.InvariantCulture, $"t{number}"))]);
            Project = new FleetProject(database)
                .With("aaaa0001", "revision: aaaa0001\nscope: shared\nup: [{sql: 'CREATE TABLE shared.plan (id integer PRIMARY KEY)', undo: 'DROP TABLE shared.plan'}]\n")
                .With("bbbb0001", "revision: bbbb0001\ndepends_on: [aaaa0001]\nup: [{sql: 'CREATE TABLE tenant_schema.a (id integer)', undo: 'DROP TABLE tenant_schema.a'}]\n")
                .With("bbbb0002", "revision: bbbb0002\nparent: bbbb0001\nup: [{sql: 'ALTER TABLE tenant_schema.a ADD COLUMN b integer', undo: 'ALTER TABLE tenant_schema.a DROP COLUMN b'}]\n")
                .With("bbbb0003", "revision: bbbb0003\nparent: bbbb0002\nrequires: [{sql: SELECT true}, {sql: SELECT true, on_fail: warn}]\nverify: [{sql: SELECT true}]\nup: [{sql: 'ALTER TABLE tenant_schema.a ADD COLUMN c integer', undo: 'ALTER TABLE tenant_schema.a DROP COLUMN c'}]\n");
        }

        public FleetProject Project { get; }

        public Tenant[] Tenants { get; }

        public long Sent => proxy.Sent;

        public Task<long> CountTextsAsync() => database.ScalarAsync<long>("SELECT count(*) FROM tenancy.revision_text");

        public static async Task<Setting> CreateAsync(int tenants)
        {
            var setting = new Setting(await PostgresFixture.CreateDatabaseAsync(), tenants);
            await setting.database.ExecuteAsync(
                $"DO $do$ BEGIN FOR number IN 0..{tenants - 1} LOOP EXECUTE 'CREATE SCHEMA t' || number; END LOOP; END $do$; CREATE SCHEMA shared");
            return setting;
        }

        public async Task<int> CountAsync(MigrationRequest request, string expected)
        {
            await using var fleet = Open();
            var results = await fleet.MigrateAsync(Tenants, request, Project.Log).ToListAsync();
            Assert.All(results, result => Assert.Equal(expected, result.Status));
            return proxy.Flights;
        }

        public async Task<int> CountMadeAsync(params string[] schemas)
        {
            await using var fleet = Open();
            Outcome.AssertMigrated(await fleet.CreateTenantsAsync(FleetProject.Tenants(schemas), new() { ThrottleLimit = 1 }, Project.Log).ToListAsync());
            return proxy.Flights;
        }

        private Fleet Open() => Project.Open(Project.Connection with { Host = proxy.EndPoint.Address.ToString(), Port = proxy.EndPoint.Port, SslMode = ConnectionSslMode.Disable });

        public async ValueTask DisposeAsync()
        {
            Project.Dispose();
            await proxy.DisposeAsync();
            await database.DisposeAsync();
        }
    }
}
