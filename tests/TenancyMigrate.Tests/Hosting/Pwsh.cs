using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace TenancyMigrate.Tests.Hosting;

/// <summary>As many pwsh for all tests of the process as there are processors, each with one request at a time, in a new runspace.</summary>
internal static class Pwsh
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);
    private static readonly SemaphoreSlim Turn = new(Environment.ProcessorCount);
    private static readonly ConcurrentBag<Process> Idle = [];

    /// <summary>Runs a script with the module imported.</summary>
    /// <param name="script">The script.</param>
    /// <param name="location">The folder it runs in; default: the temporary folder.</param>
    public static async Task<PwshAnswer> RunAsync(string script, string? location = null)
    {
        await Turn.WaitAsync();
        try
        {
            if (!Idle.TryTake(out var server))
            {
                server = Start();
            }

            await server.StandardInput.WriteLineAsync(JsonSerializer.Serialize(new { script, location = location ?? Path.GetTempPath() }));
            await server.StandardInput.FlushAsync();
            var line = await ReadAnswerAsync(server) ?? throw new InvalidOperationException("pwsh ended.");
            Idle.Add(server);
            return JsonSerializer.Deserialize<PwshAnswer>(line, Options)!;
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
