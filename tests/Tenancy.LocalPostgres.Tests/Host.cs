using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Tenancy.LocalPostgres.Tests;

/// <summary>This assembly as a process of its own (see Program.cs), with a temporary folder of its own, to be killed.</summary>
internal sealed class Host : IDisposable
{
    private Host(Process process) => Process = process;

    internal Process Process { get; }

    /// <summary>Starts it.</summary>
    /// <param name="temporary">Where it makes the server's folder.</param>
    /// <param name="ownGroup">Whether it leads a process group of its own (needs setsid).</param>
    /// <param name="environment">Variables; null removes one.</param>
    internal static Host Start(string temporary, bool ownGroup = false, params (string Name, string? Value)[] environment)
    {
        var dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        string[] command = [dotnet, "exec", typeof(Host).Assembly.Location];
        var info = ownGroup ? new ProcessStartInfo("setsid", command) : new ProcessStartInfo(command[0], command[1..]);
        info.RedirectStandardInput = info.RedirectStandardOutput = true;
        info.Environment["TMPDIR"] = info.Environment["TEMP"] = info.Environment["TMP"] = temporary;
        info.Environment["DOTNET_EnableDiagnostics"] = "0"; // else the runtime itself has files in the temporary folder
        foreach (var (name, value) in environment)
        {
            info.Environment[name] = value;
        }

        return new Host(Process.Start(info)!);
    }

    /// <summary>Waits until the server runs.</summary>
    internal async Task<(int Port, string Folder, int MajorVersion)> RunningAsync()
    {
        var line = await Process.StandardOutput.ReadLineAsync() ?? "nothing";
        return line.Split(' ') is [var port, var folder, var major]
            ? (int.Parse(port, CultureInfo.InvariantCulture), folder, int.Parse(major, CultureInfo.InvariantCulture))
            : throw new InvalidOperationException($"{line}{Environment.NewLine}{await Process.StandardOutput.ReadToEndAsync()}");
    }

    /// <summary>Waits for the end, and gives all that it printed.</summary>
    internal async Task<string> OutputAsync()
    {
        Process.StandardInput.Close();
        return await Process.StandardOutput.ReadToEndAsync();
    }

    public void Dispose()
    {
        Process.Kill();
        Process.WaitForExit();
        Process.Dispose();
    }
}
