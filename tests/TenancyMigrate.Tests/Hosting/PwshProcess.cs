using System.Diagnostics;
using System.Globalization;
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
    public static PwshProcess Start(string script, bool withModule = true) => new(Process.Start(PwshProgram.Describe("-Command", withModule ? $"Import-Module {Quote(Repository.Manifest)}; {script}" : script))!);

    /// <summary>Starts a pwsh in an environment of its own.</summary>
    /// <param name="environment">Variables besides; null removes one.</param>
    /// <param name="folder">The folder it runs in; null for one of no meaning.</param>
    /// <param name="arguments">What pwsh is told.</param>
    public static PwshProcess StartIn(IReadOnlyDictionary<string, string?> environment, string? folder, params string[] arguments)
    {
        var start = PwshProgram.Describe(arguments);
        start.WorkingDirectory = folder ?? start.WorkingDirectory;
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new(Process.Start(start)!);
    }

    /// <summary>Runs a script file to its end, as <c>pwsh -File</c> has it.</summary>
    /// <param name="path">The file.</param>
    public static async Task<PwshEnd> RunFileAsync(string path)
    {
        using var process = StartIn(new Dictionary<string, string?>(), null, "-File", path);
        return await process.WaitAsync();
    }

    /// <summary>Runs a script to its end.</summary>
    public static async Task<PwshEnd> RunAsync(string script, bool withModule = true)
    {
        using var process = Start(script, withModule);
        return await process.WaitAsync();
    }

    /// <summary>Runs a script to its end in another PowerShell.</summary>
    /// <param name="program">Its path.</param>
    /// <param name="script">The script.</param>
    public static async Task<PwshEnd> RunWithAsync(string program, string script)
    {
        using var process = new PwshProcess(Process.Start(PwshProgram.Describe(program, ["-Command", script]))!);
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

    /// <summary>Whether this process, and so what it starts, does not hear SIGINT: proc(5), SigIgn.</summary>
    public static bool IgnoresInterrupts() =>
        OperatingSystem.IsLinux()
        && File.ReadLines("/proc/self/status").First(static line => line.StartsWith("SigIgn:", StringComparison.Ordinal)) is var line
        && (ulong.Parse(line[7..].Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) & 2) != 0;

    /// <summary>Its number.</summary>
    public int Id => process.Id;

    /// <summary>Waits for its end; gives up after three minutes, or what is said.</summary>
    public async Task<PwshEnd> WaitAsync(TimeSpan? patience = null)
    {
        using var limit = new CancellationTokenSource(patience ?? TimeSpan.FromMinutes(3));
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
internal sealed record PwshEnd(int ExitCode, string Output, string Error)
{
    /// <summary>Its errors without the lines that PowerShell breaks them into.</summary>
    public string ErrorText => string.Join(' ', Error.Split([' ', '\r', '\n', '|'], StringSplitOptions.RemoveEmptyEntries));

    /// <summary>What it wrote, line by line.</summary>
    public IReadOnlyList<string> Lines => [.. Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line.TrimEnd())];
}
