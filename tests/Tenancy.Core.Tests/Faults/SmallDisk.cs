using System.Diagnostics;
using System.Globalization;
using Tenancy.LocalPostgres;
using Xunit;

namespace Tenancy.Core.Tests.Faults;

/// <summary>A small file system in memory that the server's account may write to. It is unmounted when disposed, or when this process ends in whatever way.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    // The shell holds the other end of a pipe, and reads the end of file when this process is gone.
    private const string Script = "mount -t tmpfs -o size=\"$2\"m,mode=700 tenancy \"$1\" && chown \"$3\" \"$1\" || exit 1; echo ready; read -r ignored; umount -l \"$1\"; rmdir \"$1\"";

    private readonly Process process;

    private SmallDisk(Process process, string folder) => (this.process, Folder) = (process, folder);

    internal string Folder { get; }

    /// <summary>Mounts one; needs <c>[SkippableFact]</c>: only root may, on Linux, and not in every container.</summary>
    /// <param name="megabytes">Its size.</param>
    internal static async Task<SmallDisk> MountAsync(int megabytes)
    {
        Skip.IfNot(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Only root may mount a small file system, on Linux.");
        var account = await ServerAccount.GetAsync();
        var folder = Directory.CreateTempSubdirectory("tenancy-disk-").FullName;
        var info = new ProcessStartInfo("/bin/sh", ["-c", Script, "sh", folder, megabytes.ToString(CultureInfo.InvariantCulture), account.User!]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        var process = Process.Start(info)!;
        if (await process.StandardOutput.ReadLineAsync() == "ready")
        {
            return new(process, folder);
        }

        var why = await process.StandardError.ReadToEndAsync();
        Directory.Delete(folder);
        Skip.If(true, $"No small file system can be mounted here: {why}");
        throw new UnreachableException();
    }

    /// <summary>Makes it larger.</summary>
    internal Task GrowAsync(int megabytes) => RunAsync("mount", "-o", string.Create(CultureInfo.InvariantCulture, $"remount,size={megabytes}m"), Folder);

    /// <summary>Runs a program, and asserts that it succeeds.</summary>
    internal static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments))!;
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
