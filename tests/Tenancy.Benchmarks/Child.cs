using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Tenancy.Core.Tenants;

namespace Tenancy.Benchmarks;

/// <summary>Other programs, run to their end.</summary>
internal static class Child
{
    /// <summary>The full path of a program on PATH, or null.</summary>
    public static string? Find(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name))
        .FirstOrDefault(File.Exists);

    /// <summary>This program again, in a process of its own.</summary>
    public static ProcessStartInfo Self(params string[] arguments) => Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
        ? new(Environment.ProcessPath!, [typeof(Child).Assembly.Location, .. arguments])
        : new(Environment.ProcessPath!, arguments);

    /// <summary>Runs it; it does not see the caller's <c>PG*</c> variables.</summary>
    /// <param name="start">The program.</param>
    /// <returns>What it printed.</returns>
    /// <exception cref="InvalidOperationException">It failed; the message is what it said.</exception>
    public static async Task<string> RunAsync(ProcessStartInfo start)
    {
        foreach (var name in start.Environment.Keys.Where(static name => name.StartsWith("PG", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        start.RedirectStandardOutput = start.RedirectStandardError = start.RedirectStandardInput = true;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{start.FileName} failed: {await output}{await error}");
    }

    /// <summary>Runs this program in a process of its own on the tenants of a database.</summary>
    /// <param name="verb">Its first argument: what to do.</param>
    /// <param name="project">The project's folder.</param>
    /// <param name="settings">The database.</param>
    /// <param name="tenants">How many tenants.</param>
    /// <returns>What it printed, as JSON.</returns>
    public static async Task<T> AskAsync<T>(string verb, string project, ConnectionSettings settings, int tenants) => JsonSerializer.Deserialize<T>(await RunAsync(Self(
        verb, project, settings.Host!, settings.Port!.Value.ToString(CultureInfo.InvariantCulture), settings.Database!, settings.Username!, tenants.ToString(CultureInfo.InvariantCulture))))!;

    /// <summary>What <see cref="AskAsync"/> told the process.</summary>
    /// <param name="arguments">Its arguments.</param>
    public static (string Project, ConnectionSettings Settings, int Tenants) Read(string[] arguments) => (
        arguments[1],
        new()
        {
            Host = arguments[2],
            Port = int.Parse(arguments[3], CultureInfo.InvariantCulture),
            Database = arguments[4],
            Username = arguments[5],
        },
        int.Parse(arguments[6], CultureInfo.InvariantCulture));
}
