using System.Diagnostics;

namespace Tenancy.LocalPostgres;

/// <summary>Runs a program to its end and keeps what it printed.</summary>
internal static class ChildProcess
{
    /// <summary>A daemon that the program left behind may hold the pipes open (pg_ctl on Windows): do not wait for them for ever.</summary>
    private static readonly TimeSpan OutputGrace = TimeSpan.FromSeconds(2);

    /// <summary>A start info that takes nothing from the caller's <c>PG*</c> variables nor from its folder, which another user may not enter.</summary>
    internal static ProcessStartInfo StartInfo(IEnumerable<string> command)
    {
        var words = command.ToArray();
        var info = new ProcessStartInfo(words[0], words[1..])
        {
            UseShellExecute = false,
            CreateNoWindow = true,
            WorkingDirectory = Path.GetPathRoot(Path.GetTempPath()),
        };
        foreach (var name in info.Environment.Keys.Where(n => n.StartsWith("PG", StringComparison.Ordinal)).ToArray())
        {
            info.Environment.Remove(name);
        }

        return info;
    }

    internal static async Task<ProcessOutput> RunAsync(IEnumerable<string> command, CancellationToken ct, string? input = null)
    {
        var info = StartInfo(command);
        info.RedirectStandardOutput = info.RedirectStandardError = info.RedirectStandardInput = true;
        using var process = Process.Start(info) ?? throw new LocalPostgresException($"{info.FileName} did not start.");
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        try
        {
            await process.WaitForExitAsync(ct);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        await Task.WhenAny(Task.WhenAll(output, error), Task.Delay(OutputGrace, CancellationToken.None));
        return new ProcessOutput(process.ExitCode, Text(output), Text(error));

        static string Text(Task<string> read) => read.IsCompletedSuccessfully ? read.Result.Trim() : "";
    }

    /// <summary>The full path of a program, found as a shell finds it, or null.</summary>
    internal static string? FindOnPath(params IEnumerable<string> names) => Find(names, PathFolders());

    /// <summary>The full path of a tool of the system, or null: a service's or a plain user's PATH often lacks the folders of some.</summary>
    internal static string? FindTool(string name) => Find([name], PathFolders().Concat(["/usr/sbin", "/usr/bin", "/sbin", "/bin"]));

    private static string? Find(IEnumerable<string> names, IEnumerable<string> folders) =>
        names.SelectMany(n => folders.Select(f => Path.Combine(f, n))).FirstOrDefault(File.Exists);

    private static string[] PathFolders() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>What a program printed (trimmed) and how it ended.</summary>
internal sealed record ProcessOutput(int ExitCode, string Output, string Error)
{
    internal bool Succeeded => ExitCode == 0;

    /// <summary>All that it said, for an error message.</summary>
    internal string Said => string.Join(Environment.NewLine, new[] { Output, Error }.Where(s => s.Length > 0));
}
