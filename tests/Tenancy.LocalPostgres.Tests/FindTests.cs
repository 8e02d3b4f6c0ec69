using System.Globalization;
using Xunit;

namespace Tenancy.LocalPostgres.Tests;

public sealed class FindTests
{
    private const string Bin = LocalPostgresOptions.BinVariable;
    private const string Version = LocalPostgresOptions.VersionVariable;
    private const string Cache = LocalPostgresOptions.CacheVariable;

    [Fact]
    public async Task A_folder_without_binaries_is_named_with_the_variable()
    {
        using var temporary = new TemporaryFolder();
        using var host = Host.Start(temporary.Path, environment: (Bin, temporary.Path));
        Assert.StartsWith($"{Bin}={temporary.Path} is not a folder of PostgreSQL server binaries: no postgres, initdb, pg_ctl in it.", await host.OutputAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_an_error_from_options_too()
    {
        var error = await Assert.ThrowsAsync<LocalPostgresException>(() => LocalPostgresServer.StartAsync(new LocalPostgresOptions { BinDirectory = "/no/such/folder" }));
        Assert.StartsWith("/no/such/folder is not a folder of PostgreSQL server binaries: no such folder.", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_file_that_is_no_program_is_said_to_be_none()
    {
        Skip.If(OperatingSystem.IsWindows(), "file modes");
        using var temporary = new TemporaryFolder();
        foreach (var name in new[] { "postgres", "initdb", "pg_ctl" })
        {
            await File.WriteAllTextAsync(Path.Combine(temporary.Path, name), "no program");
        }

        var error = await Assert.ThrowsAsync<LocalPostgresException>(() => LocalPostgresServer.StartAsync(new LocalPostgresOptions { BinDirectory = temporary.Path }));
        Assert.Contains("its postgres does not run: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_version_of_a_given_folder_must_be_the_one_asked_for()
    {
        await using var server = await LocalPostgresServer.StartAsync();
        using var temporary = new TemporaryFolder();
        using var host = Host.Start(temporary.Path, environment: [(Bin, server.BinDirectory), (Version, "9")]);
        Assert.StartsWith($"{Bin}={server.BinDirectory} holds PostgreSQL {server.Version}, but version 9 is asked for ({Version}).", await host.OutputAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fifteen")]
    [InlineData("15.3")]
    [InlineData("-1")]
    public async Task A_version_that_is_none_is_an_error(string version)
    {
        using var temporary = new TemporaryFolder();
        using var host = Host.Start(temporary.Path, environment: (Version, version));
        Assert.StartsWith($"{Version}={version} is not a major version of PostgreSQL", await host.OutputAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_binaries_and_npm_the_error_says_what_was_looked_at_and_what_to_install()
    {
        using var temporary = new TemporaryFolder();
        using var host = Host.Start(temporary.Path, environment: [(Bin, null), (Version, "99"), ("PATH", temporary.Path), (Cache, temporary.Path)]);
        var said = await host.OutputAsync();
        Assert.StartsWith("No binaries of a PostgreSQL 99 server that run here.", said, StringComparison.Ordinal);
        Assert.Contains("Through npm: there is no npm on PATH.", said, StringComparison.Ordinal);
        Assert.Contains("Install ", said, StringComparison.Ordinal);
        Assert.Contains(Bin, said, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Npm_brings_the_version_asked_for_once_for_two_processes_at_a_time()
    {
        Skip.If(ChildProcess.FindOnPath("npm", "npm.cmd") is null, "no npm on PATH to bring the binaries");
        using var temporary = new TemporaryFolder();
        using var cache = new TemporaryFolder();
        // 17: neither what Debian 12 has nor what the other tests may have brought.
        (string, string?)[] environment = [(Bin, null), (Version, "17"), (Cache, Path.Combine(cache.Path, "made", "here"))];
        using (var one = Host.Start(temporary.Path, environment: environment))
        using (var two = Host.Start(temporary.Path, environment: environment))
        {
            var running = await Task.WhenAll(one.RunningAsync(), two.RunningAsync());
            Assert.All(running, r => Assert.Equal(17, r.MajorVersion));
            Assert.NotEqual(running[0].Port, running[1].Port);
        }

        await temporary.AssertEmptiedAsync();
        var platform = Assert.Single(Directory.GetDirectories(Path.Combine(cache.Path, "made", "here")));
        Assert.StartsWith("17.", Path.GetFileName(Assert.Single(Directory.GetDirectories(platform))), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_cache_that_the_server_could_not_enter_is_an_error()
    {
        Skip.IfNot(!OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess, "only root runs the server as another user");
        var account = await ServerAccount.GetAsync();
        var closed = Directory.CreateTempSubdirectory("lp").FullName;
        try
        {
            var error = Assert.Throws<LocalPostgresException>(() => BinaryCache.Choose(closed, account));
            Assert.Contains($"{account.User}, whom the server would run as, may not enter the cache folder {closed}", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(closed);
        }
    }

    [Theory]
    [InlineData("18.4.0-beta.17", "18.4.0-beta.9")]
    [InlineData("18.10.0-beta.1", "18.9.0-beta.17")]
    [InlineData("18.4.0", "18.4.0-beta.17")]
    public void Versions_of_packages_are_ordered_by_number(string newer, string older) =>
        Assert.True(PackageVersion.TryParse(newer)!.CompareTo(PackageVersion.TryParse(older)) > 0);

    [Theory]
    [InlineData("14.3.0-alpha.2")]
    [InlineData("latest.lock")]
    [InlineData(".0123")]
    [InlineData(null)]
    public void Other_names_are_no_versions(string? text) => Assert.Null(PackageVersion.TryParse(text));

    [Fact]
    public void Ports_are_outside_of_what_outgoing_connections_take()
    {
        var port = ClusterFolder.FreePort();
        Assert.InRange(port, 20000, 31999);
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, port);
        listener.Start();
        Assert.Equal(port.ToString(CultureInfo.InvariantCulture), listener.LocalEndpoint.ToString()!.Split(':')[1]);
    }
}
