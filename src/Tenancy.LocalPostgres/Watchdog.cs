using System.Diagnostics;
using System.Reflection;
using System.Text;

namespace Tenancy.LocalPostgres;

/// <summary>
/// A small shell process that outlives this one, to end the server and remove its folder. It reads from a pipe whose other end only this process holds
/// (.NET opens it close-on-exec), so it wakes even after <c>kill -9</c>. It runs under the server's account, and needs no more rights than that.
/// </summary>
internal sealed class Watchdog : IAsyncDisposable
{
    private readonly Process process;

    private Watchdog(Process process) => this.process = process;

    /// <summary>Starts watching; to be called before anything is in the folder.</summary>
    internal static Watchdog Start(string folder, ServerBinaries binaries, ServerAccount account)
    {
        var info = ChildProcess.StartInfo(account.Command(Command()));
        info.RedirectStandardInput = true;
        info.Environment["TENANCY_SERVER_FOLDER"] = folder;
        info.Environment["TENANCY_SERVER_BIN"] = binaries.Directory;
        return new Watchdog(Process.Start(info) ?? throw new LocalPostgresException("The watchdog of the throwaway server did not start."));
    }

    /// <summary>Lets go: the watchdog ends the server, removes its folder, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private static IEnumerable<string> Command()
    {
        if (OperatingSystem.IsWindows())
        {
            return ["powershell.exe", "-NoProfile", "-NonInteractive", "-EncodedCommand", Convert.ToBase64String(Encoding.Unicode.GetBytes(Script("watchdog.ps1")))];
        }

        // A session of its own, so that neither Ctrl+C nor a kill of the caller's process group reaches it; macOS has no setsid, there the traps must do.
        string[] session = ChildProcess.FindTool("setsid") is { } setsid ? [setsid] : [];
        return [.. session, "/bin/sh", "-c", Script("watchdog.sh")];
    }

    private static string Script(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
