using System.Text.RegularExpressions;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Core.Scripts;
using Tenancy.Core.Tenants;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Scripts;

/// <summary>Two databases that begin alike: one is migrated by a run, the other by the script for the same; then they are to be alike again.</summary>
internal sealed partial class Twins : IAsyncDisposable
{
    private Twins(TestDatabase online, TestDatabase offline, FleetProject project, FleetProject other)
    {
        Online = online;
        Offline = offline;
        Project = project;
        this.other = other;
    }

    private readonly FleetProject other;

    internal TestDatabase Online { get; }

    internal TestDatabase Offline { get; }

    /// <summary>The project, connected to the database of the runs.</summary>
    internal FleetProject Project { get; }

    internal static async Task<Twins> CreateAsync(Func<TestDatabase, FleetProject> make, string setup, bool extensions = false)
    {
        var online = await PostgresFixture.CreateDatabaseAsync(extensions);
        var offline = await PostgresFixture.CreateDatabaseAsync(extensions);
        await online.ExecuteAsync(setup);
        await offline.ExecuteAsync(setup);
        return new(online, offline, make(online), make(offline));
    }

    /// <summary>Takes a manifest away from both.</summary>
    internal void Without(string name)
    {
        Project.Without(name);
        other.Without(name);
    }

    /// <summary>Writes the script, and proves that nothing is connected to where the request says where schemas are.</summary>
    internal async Task<MigrationScript> WriteAsync(IReadOnlyList<Tenant> tenants, ScriptRequest request)
    {
        await using var fleet = request.From.IsEmpty ? other.Open() : Project.Open(new ConnectionSettings { Host = "nowhere.invalid", Database = "none", Username = "nobody" });
        return Assert.Single(await fleet.ExportAsync(tenants, request).ToListAsync());
    }

    /// <summary>Runs in one database, and the script in the other.</summary>
    /// <param name="tenants">The tenants.</param>
    /// <param name="request">What to do.</param>
    /// <param name="from">Where all are; null to have it read.</param>
    /// <param name="asFiles">True to run the files one by one.</param>
    internal async Task MigrateAsync(IReadOnlyList<Tenant> tenants, MigrationRequest request, string[]? from, bool asFiles = false)
    {
        Outcome.AssertNoError(await Project.MigrateAsync(tenants, request));
        var script = await WriteAsync(tenants, new() { Migration = request with { RunId = Guid.NewGuid() }, From = [.. from ?? []] });
        Assert.Empty(script.Failures);
        await RunAsync(script, asFiles);
        await AssertAlikeAsync();
    }

    internal async Task RunAsync(MigrationScript script, bool asFiles = false)
    {
        if (asFiles)
        {
            Assert.Equal(script.Files.Select(static file => file.Name[..2]), script.Files.Select(static file => file.Name[..2]).Order(StringComparer.Ordinal));
            foreach (var file in script.Files)
            {
                (await Psql.RunAsync(Offline, file.Text)).Clean();
            }
        }
        else
        {
            (await Psql.RunAsync(Offline, script.Text)).Clean();
        }
    }

    internal static MigrationRequest Down(string to, TransactionMode mode = TransactionMode.PerRevision) => new() { Direction = RevisionDirection.Down, To = to, Transaction = mode };

    /// <summary>All definitions, grants and rows are the same, those of history but for run ids, times and the OIDs of schemas. What a run keeps to be gone on with, a script does not.</summary>
    internal async Task AssertAlikeAsync()
    {
        if (await Online.ScalarAsync<bool>("SELECT to_regclass('tenancy.run_request') IS NOT NULL"))
        {
            await Online.ExecuteAsync("DELETE FROM tenancy.run_request");
        }

        Assert.Equal(await DumpAsync(Online), await DumpAsync(Offline));
    }

    // A script's commits all wait for the disk, so no row says when they did, or how far.
    private static async Task<string> DumpAsync(TestDatabase database)
    {
        if (await database.ScalarAsync<bool>("SELECT to_regclass('tenancy.run') IS NOT NULL"))
        {
            await database.ExecuteAsync("UPDATE tenancy.run SET durable_at = NULL; DELETE FROM tenancy.flushed");
        }

        return await database.DumpAsync(except: "tenancy") + "\n" + Rows().Replace(
            Times().Replace(Numbers().Replace(Ids().Replace(await database.DumpAsync("tenancy") + "\n", "<run>"), "<number>"), "<time>"),
            static rows => string.Concat(rows.Groups["row"].Captures.Select(static row => row.Value).Order(StringComparer.Ordinal)));
    }

    // pg_dump has rows as they lie on their pages, where one that was updated may take the room of one that is gone; another dump puts them in order, runs by their ids.
    [GeneratedRegex(@"(?<=^COPY .*\n)(?<row>(?!\\\.$).*\n)+|(?<row>row tenancy\.run: .*\n)+", RegexOptions.Multiline)]
    private static partial Regex Rows();

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")]
    private static partial Regex Ids();

    [GeneratedRegex(@"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?\+\d\d")]
    private static partial Regex Times();

    // OIDs of schemas, and seconds.
    [GeneratedRegex(@"(?<=[\t,(])(\d{5,}|\d+\.\d+(e-\d+)?|\d+e-\d+)(?=[\t\n,)])")]
    private static partial Regex Numbers();

    public async ValueTask DisposeAsync()
    {
        Project.Dispose();
        other.Dispose();
        await Online.DisposeAsync();
        await Offline.DisposeAsync();
    }
}
