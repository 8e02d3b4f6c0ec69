using System.Diagnostics;
using System.Text.Json;

namespace TenancyMigrate.Tests.Hosting;

/// <summary>One pwsh for all tests of the process, a new runspace for each request.</summary>
internal static class Pwsh
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);
    private static readonly SemaphoreSlim Turn = new(1);
    private static Process? server;

    /// <summary>Runs a script with the module imported.</summary>
    /// <param name="script">The script.</param>
    /// <param name="location">The folder it runs in; default: the temporary folder.</param>
    public static async Task<PwshAnswer> RunAsync(string script, string? location = null)
    {
        await Turn.WaitAsync();
        try
        {
            server ??= Start();
            await server.StandardInput.WriteLineAsync(JsonSerializer.Serialize(new { script, location = location ?? Path.GetTempPath() }));
            await server.StandardInput.FlushAsync();
            var line = await ReadAnswerAsync(server);
            return JsonSerializer.Deserialize<PwshAnswer>(line ?? throw new InvalidOperationException("pwsh ended."), Options)!;
        }
        finally
        {
            Turn.Release();
        }
    }

    private static async Task<string?> ReadAnswerAsync(Process process)
    {
        try
        {
            return await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(2));
        }
        catch (TimeoutException)
        {
            // Its late answer must not become that of the next request.
            process.Kill(entireProcessTree: true);
            server = null;
            throw;
        }
    }

    private static Process Start()
    {
        var process = Process.Start(PwshProgram.Describe("-File", Path.Combine(AppContext.BaseDirectory, "Hosting", "Server.ps1"), Repository.Manifest))!;
        process.ErrorDataReceived += static (_, _) =>
        {
            // Read, so that a full pipe stops nothing; what matters is in the answers.
        };
        process.BeginErrorReadLine();
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            PwshProgram.RemoveHome();
        };
        return process;
    }
}
