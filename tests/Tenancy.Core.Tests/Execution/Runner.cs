using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Tenancy.Core.Planning;
using Tenancy.Model;

namespace Tenancy.Core.Tests.Execution;

/// <summary>A run in a process of its own (see Program.cs), to be killed or to run beside another.</summary>
internal sealed class Runner : IDisposable
{
    private Runner(Process process) => Process = process;

    /// <summary>In place of a transaction mode: the process compares, and migrates nothing.</summary>
    internal const string Compares = "Compare";

    internal Process Process { get; }

    /// <summary>Starts the process; it waits with its run for <see cref="Go"/>.</summary>
    internal static Task<Runner> StartAsync(FleetProject project, IEnumerable<string> schemas, TransactionMode mode = default, int throttleLimit = 1, string rollout = "") =>
        StartFleetAsync(project, schemas, mode.ToString(), throttleLimit, rollout);

    /// <summary>The same for a process that compares.</summary>
    internal static Task<Runner> StartComparingAsync(FleetProject project, IEnumerable<string> schemas) => StartFleetAsync(project, schemas, Compares, 1, "");

    /// <summary>The same for one tenant that is made, copied, renamed or removed; see ProvisioningWork.</summary>
    internal static Task<Runner> StartAsync(FleetProject project, string work, string from, string to) =>
        StartAsync("provision", project.Folder, project.Connection.Host!, Text(project.Connection.Port!.Value), project.Connection.Database!, work, from, to);

    /// <summary>The same, to make a migration of the difference between the tenant acme and an SQL file.</summary>
    internal static Task<Runner> StartAutogenerateAsync(FleetProject project, string desired) =>
        StartAsync("autogenerate", project.Folder, project.Connection.Host!, Text(project.Connection.Port!.Value), project.Connection.Database!, desired);

    /// <summary>The same, to write the manifests that repair the tenant acme.</summary>
    internal static Task<Runner> StartRepairAsync(FleetProject project) =>
        StartAsync("repair", project.Folder, project.Connection.Host!, Text(project.Connection.Port!.Value), project.Connection.Database!);

    private static Task<Runner> StartFleetAsync(FleetProject project, IEnumerable<string> schemas, string mode, int throttleLimit, string rollout)
    {
        var to = project.Connection;
        return StartAsync(project.Folder, to.Host!, Text(to.Port!.Value), to.DirectServer ?? "", to.Database!, string.Join(',', schemas), mode, Text(throttleLimit), rollout);
    }

    private static async Task<Runner> StartAsync(params string[] arguments)
    {
        var dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        var info = new ProcessStartInfo(dotnet, ["exec", typeof(Runner).Assembly.Location, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var runner = new Runner(Process.Start(info)!);
        var line = await runner.Process.StandardOutput.ReadLineAsync();
        return line == "ready" ? runner : throw new InvalidOperationException($"The runner said '{line}'.");
    }

    internal void Go()
    {
        Process.StandardInput.WriteLine();
        Process.StandardInput.Flush();
    }

    /// <summary>Waits for the end; the results that it printed.</summary>
    internal async Task<List<MigrationResult>> EndAsync()
    {
        var output = await Process.StandardOutput.ReadToEndAsync();
        await Process.WaitForExitAsync();
        return Process.ExitCode == 0
            ? [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonSerializer.Deserialize<MigrationResult>(line)!)]
            : throw new InvalidOperationException($"The runner ended with {Process.ExitCode.ToString(CultureInfo.InvariantCulture)}.");
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    public void Dispose()
    {
        if (!Process.HasExited)
        {
            Process.Kill();
            Process.WaitForExit();
        }

        Process.Dispose();
    }
}
