using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Xunit;

namespace Tenancy.LocalPostgres.Tests;

public sealed class KilledParentTests
{
    [Fact]
    public async Task A_killed_parent_leaves_neither_server_nor_folder()
    {
        using var temporary = new TemporaryFolder();
        using var host = Host.Start(temporary.Path);
        var (port, folder, _) = await host.RunningAsync();
        Assert.StartsWith(temporary.Path, folder, StringComparison.Ordinal);
        Assert.True(await ListensAsync(port));
        host.Process.Kill();
        await temporary.AssertEmptiedAsync();
        Assert.False(await ListensAsync(port));
    }

    [Fact]
    public async Task A_parent_that_ends_without_disposing_leaves_nothing()
    {
        using var temporary = new TemporaryFolder();
        using var host = Host.Start(temporary.Path);
        await host.RunningAsync();
        await host.OutputAsync();
        await temporary.AssertEmptiedAsync();
    }

    [Theory]
    [InlineData(100)]
    [InlineData(250)]
    [InlineData(400)]
    [InlineData(550)]
    [InlineData(700)]
    [InlineData(850)]
    public async Task A_parent_killed_while_it_starts_leaves_nothing(int milliseconds)
    {
        using var temporary = new TemporaryFolder();
        using var host = Host.Start(temporary.Path);
        await Task.Delay(milliseconds);
        host.Process.Kill();
        await host.Process.WaitForExitAsync();
        // What it had begun may take a moment to appear.
        await Task.Delay(500);
        await temporary.AssertEmptiedAsync();
    }

    [SkippableFact]
    public async Task A_kill_of_the_whole_process_group_does_not_reach_the_watchdog()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Linux: process groups by setsid");
        using var temporary = new TemporaryFolder();
        using var host = Host.Start(temporary.Path, ownGroup: true);
        var (port, _, _) = await host.RunningAsync();
        await KillAsync("-KILL", -host.Process.Id);
        await temporary.AssertEmptiedAsync();
        Assert.False(await ListensAsync(port));
    }

    [SkippableFact]
    public async Task What_a_killed_watchdog_left_is_swept_by_a_later_start()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Linux: finds the watchdog in /proc");
        using var temporary = new TemporaryFolder();
        string abandoned;
        using (var host = Host.Start(temporary.Path))
        {
            (_, abandoned, _) = await host.RunningAsync();
            foreach (var id in temporary.Processes("environ").Except(temporary.Processes("cmdline")))
            {
                await KillAsync("-KILL", id);
            }
        }

        Assert.NotEmpty(temporary.Processes("cmdline")); // the server, orphaned
        using (var young = Host.Start(temporary.Path))
        {
            var (_, inUse, _) = await young.RunningAsync();
            Assert.True(Directory.Exists(abandoned), "a folder so young may be somebody's who has yet to lock it");
            Directory.SetLastWriteTimeUtc(abandoned, DateTime.UtcNow.AddHours(-1));
            Directory.SetLastWriteTimeUtc(inUse, DateTime.UtcNow.AddHours(-1));
            using var later = Host.Start(temporary.Path);
            var (_, own, _) = await later.RunningAsync();
            Assert.False(Directory.Exists(abandoned));
            Assert.Equal(new[] { inUse, own }.Order(), Directory.GetDirectories(temporary.Path).Order());
        }

        await temporary.AssertEmptiedAsync();
    }

    [SkippableFact]
    public async Task What_another_user_left_is_neither_touched_nor_waited_for()
    {
        Skip.IfNot(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "root on Linux: its files are another user's to the server's account");
        using var temporary = new TemporaryFolder();
        var foreign = Directory.CreateDirectory(Path.Combine(temporary.Path, "tenancy-pg-0123456789ab")).FullName;
        Directory.SetLastWriteTimeUtc(foreign, DateTime.UtcNow.AddHours(-1));
        using (var host = Host.Start(temporary.Path))
        {
            await host.RunningAsync().WaitAsync(TimeSpan.FromSeconds(20));
        }

        Assert.True(Directory.Exists(foreign));
        Directory.Delete(foreign);
        await temporary.AssertEmptiedAsync();
    }

    private static async Task KillAsync(string signal, int id)
    {
        using var kill = Process.Start("/bin/sh", ["-c", $"kill {signal} {id.ToString(CultureInfo.InvariantCulture)}"]);
        await kill.WaitForExitAsync();
    }

    private static async Task<bool> ListensAsync(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
