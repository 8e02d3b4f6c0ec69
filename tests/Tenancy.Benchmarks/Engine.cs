using System.Diagnostics;
using Tenancy.Core;
using Tenancy.Core.Execution;
using Tenancy.Core.Execution.Steps;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Benchmarks;

/// <summary>Ours: a run as a user starts it, from the manifests to the last result, with nothing left out.</summary>
internal static class Engine
{
    /// <summary>Runs it.</summary>
    /// <param name="project">The project's folder.</param>
    /// <param name="settings">The database.</param>
    /// <param name="tenants">How many tenants.</param>
    /// <param name="request">What to do.</param>
    /// <param name="expected">The status that every tenant must end with.</param>
    /// <returns>Seconds, with reading the manifests and connecting, without naming the tenants.</returns>
    /// <exception cref="InvalidOperationException">A tenant ended otherwise: what was measured means nothing.</exception>
    public static async Task<double> RunAsync(string project, ConnectionSettings settings, int tenants, MigrationRequest request, string expected = MigrationStatus.Migrated)
    {
        // Whoever asks has them; to write twice as many names takes as long as some of what is measured.
        var asked = TenantServer.Tenants(tenants);
        var clock = Stopwatch.StartNew();
        await using var fleet = Fleet.Open(project, settings);
        await MigrateAsync(fleet, asked, request, expected);
        return clock.Elapsed.TotalSeconds;
    }

    /// <summary>Runs it on a copy of a database.</summary>
    /// <param name="server">The server.</param>
    /// <param name="template">The database.</param>
    /// <param name="project">The project's folder.</param>
    /// <param name="tenants">How many tenants.</param>
    /// <param name="request">What to do.</param>
    /// <param name="connect">How to connect to the copy; null for the server's socket.</param>
    public static Task<double> RunOnCopyAsync(
        TenantServer server, string template, string project, int tenants, MigrationRequest request, Func<string, ConnectionSettings>? connect = null) => server.WithCopyAsync(template, async copy =>
        {
            await RestoreAsync(project, server.Settings(copy));
            return await RunAsync(project, (connect ?? server.Settings)(copy), tenants, request);
        });

    /// <summary>Runs once in a copy of a database, which refreshes what history knows of the database's identity, as after a restore: not what is measured.</summary>
    public static Task RestoreAsync(string project, ConnectionSettings settings) => RunAsync(project, settings, 0, new() { Scope = MigrationScope.Shared });

    /// <summary>Makes empty tenants that are registered.</summary>
    public static async Task CreateTenantsAsync(string project, ConnectionSettings settings, int tenants)
    {
        await using var fleet = Fleet.Open(project, settings);
        await ExpectAsync(fleet.CreateTenantsAsync(TenantServer.Tenants(tenants), new() { To = "base" }, new Quiet()), tenants, MigrationStatus.Migrated);
    }

    /// <summary>Runs it in a fleet that is open.</summary>
    public static Task MigrateAsync(Fleet fleet, Tenant[] tenants, MigrationRequest request, string expected = MigrationStatus.Migrated) =>
        ExpectAsync(fleet.MigrateAsync(tenants, request, new Quiet()), tenants.Length, expected);

    private static async Task ExpectAsync(IAsyncEnumerable<MigrationResult> results, int tenants, string expected)
    {
        var ended = 0;
        await foreach (var result in results)
        {
            ended += result.Status == expected ? 1 : throw new InvalidOperationException($"{result.Name}: {result.Status}: {result.Error}");
        }

        if (ended != tenants)
        {
            throw new InvalidOperationException($"{ended} results of {tenants} tenants.");
        }
    }

    /// <summary>Takes what is said, and shows warnings.</summary>
    public static IRunLog Log { get; } = new Quiet();

    private sealed class Quiet : IRunLog
    {
        public void StepChanged(MigrationStep change)
        {
        }

        public void Verbose(string message)
        {
        }

        public void Debug(string sql)
        {
        }

        public void Warn(string message) => Console.WriteLine(message);

        public void Progress(MigrationProgress progress)
        {
        }
    }
}
