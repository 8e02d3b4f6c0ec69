using System.Diagnostics;

namespace Tenancy.Quickstart.Tests;

/// <summary>The quickstart in a process of its own, started in an empty folder. Ended, if need be, when disposed.</summary>
internal sealed class QuickstartProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("tenancy-quickstart-");
    private readonly Process process;
    private readonly Task<string> error;

    internal QuickstartProcess(params string[] arguments)
    {
        var info = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Tenancy.Quickstart.dll"), .. arguments])
        {
            WorkingDirectory = folder.FullName,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        process = Process.Start(info)!;
        error = process.StandardError.ReadToEndAsync();
    }

    internal StreamReader Output => process.StandardOutput;

    /// <summary>Ends its input.</summary>
    internal void CloseInput() => process.StandardInput.Close();

    /// <summary>Waits for its end; gives the rest of what it wrote.</summary>
    internal async Task<(int ExitCode, string Output, string Error)> EndAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        var output = await process.StandardOutput.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, output, await error);
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
        }

        process.Dispose();
        folder.Delete(recursive: true);
    }
}
