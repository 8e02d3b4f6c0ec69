using System.Diagnostics;
using System.Runtime.InteropServices;

namespace TenancyMigrate.Tests.Hosting;

/// <summary>A pwsh of its own for one test: for exit codes, signals, isolation and the first import.</summary>
internal sealed class PwshProcess : IDisposable
{
    private readonly Process process;
    private readonly Task<string> output;
    private readonly Task<string> error;

    private PwshProcess(Process process)
    {
        this.process = process;
        output = process.StandardOutput.ReadToEndAsync();
        error = process.StandardError.ReadToEndAsync();
        process.StandardInput.Close();
    }

    /// <summary>Starts a script, as <c>pwsh -Command</c> has it.</summary>
    /// <param name="script">The script.</param>
    /// <param name="withModule">Whether it begins with the import of the module.</param>
    public static PwshProcess Start(string script, bool withModule = true) => Start("-Command", withModule ? $"Import-Module {Quote(Repository.Manifest)}; {script}" : script);

    private static PwshProcess Start(string how, string what) => new(Process.Start(PwshProgram.Describe(how, what))!);

    /// <summary>Runs a script file to its end, as <c>pwsh -File</c> has it.</summary>
    /// <param name="path">The file.</param>
    public static async Task<PwshEnd> RunFileAsync(string path)
    {
        using var process = Start("-File", path);
        return await process.WaitAsync();
    }

    /// <summary>Runs a script to its end.</summary>
    public static async Task<PwshEnd> RunAsync(string script, bool withModule = true)
    {
        using var process = Start(script, withModule);
        return await process.WaitAsync();
    }

    /// <summary>A text as a PowerShell literal.</summary>
    public static string Quote(string text) => "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";

    /// <summary>Sends a signal, as the terminal or a service manager does.</summary>
    /// <param name="number">2 for SIGINT (Ctrl+C), 15 for SIGTERM, 9 for SIGKILL.</param>
    public void Signal(int number)
    {
        if (Kill(process.Id, number) != 0)
        {
            throw new InvalidOperationException($"No signal {number} to {process.Id}.");
        }
    }

    /// <summary>Waits for its end; kills it after a minute.</summary>
    public async Task<PwshEnd> WaitAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await process.WaitForExitAsync(limit.Token);
        return new(process.ExitCode, await output, await error);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
        }

        process.Dispose();
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int process, int signal);
}

/// <summary>How a process ended.</summary>
internal sealed record PwshEnd(int ExitCode, string Output, string Error);
