using Npgsql;
using Xunit;

namespace Tenancy.LocalPostgres.Tests;

public sealed class StartTests
{
    [Fact]
    public async Task Two_servers_run_beside_each_other_and_leave_no_folder()
    {
        string first;
        string second;
        await using (var one = await LocalPostgresServer.StartAsync())
        await using (var two = await LocalPostgresServer.StartAsync())
        {
            first = one.DataDirectory;
            second = two.DataDirectory;
            Assert.NotEqual(one.Port, two.Port);
            Assert.Equal(first, await ScalarAsync(one.ConnectionString(), "SHOW data_directory"));
            Assert.Equal(second, await ScalarAsync(two.ConnectionString(), "SHOW data_directory"));
            Assert.Equal(one.Version, await ScalarAsync(one.ConnectionString(), "SHOW server_version") is string text ? text.Split(' ')[0] : null);
        }

        Assert.False(Directory.Exists(Path.GetDirectoryName(first)));
        Assert.False(Directory.Exists(Path.GetDirectoryName(second)));
    }

    [Fact]
    public async Task A_server_lies_in_memory_where_that_is_preferred_and_there_is_room_and_leaves_no_folder_there()
    {
        string folder;
        await using (var server = await LocalPostgresServer.StartAsync(new() { PreferMemory = true }))
        {
            folder = Path.GetDirectoryName(server.DataDirectory)!;
            Assert.Equal(MemoryFolder.HasRoom(), server.IsInMemory);
            Assert.Equal(server.IsInMemory, folder.StartsWith("/dev/shm/", StringComparison.Ordinal));
            Assert.Equal("postgres", await ScalarAsync(server.ConnectionString(), "SELECT current_user::text"));
        }

        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public async Task The_socket_works_and_its_path_fits()
    {
        await using var server = await LocalPostgresServer.StartAsync();
        if (server.SocketDirectory is { } folder)
        {
            var text = new NpgsqlConnectionStringBuilder(server.ConnectionString()) { Host = folder }.ConnectionString;
            Assert.Equal(true, await ScalarAsync(text, "SELECT inet_client_addr() IS NULL"));
        }
        else
        {
            Assert.True(OperatingSystem.IsWindows());
        }
    }

    [Fact]
    public async Task A_password_is_demanded_when_there_is_one()
    {
        await using var server = await LocalPostgresServer.StartAsync(new LocalPostgresOptions { Password = "it's ; \"secret\"=" });
        Assert.Equal("postgres", await ScalarAsync(server.ConnectionString(), "SELECT current_user::text"));
        Assert.False(File.Exists(Path.Combine(server.DataDirectory, "..", "password")));
        var wrong = new NpgsqlConnectionStringBuilder(server.ConnectionString()) { Password = "other" }.ConnectionString;
        var error = await Assert.ThrowsAsync<PostgresException>(() => ScalarAsync(wrong, "SELECT 1"));
        Assert.Equal(PostgresErrorCodes.InvalidPassword, error.SqlState);
    }

    [Fact]
    public async Task Settings_win_over_the_defaults()
    {
        await using var server = await LocalPostgresServer.StartAsync(new LocalPostgresOptions
        {
            Durable = true,
            Settings = new Dictionary<string, string> { ["max_connections"] = "17", ["application_name"] = "it's" },
        });
        Assert.Equal("17", await ScalarAsync(server.ConnectionString(), "SHOW max_connections"));
        Assert.Equal("on", await ScalarAsync(server.ConnectionString(), "SHOW fsync"));
        Assert.Equal("it's", await ScalarAsync(server.ConnectionString(), "SHOW application_name"));
    }

    [Theory]
    [InlineData(StopMode.Fast)]
    [InlineData(StopMode.Immediate)]
    public async Task What_was_committed_survives_a_restart_on_the_same_port(StopMode mode)
    {
        await using var server = await LocalPostgresServer.StartAsync();
        await ScalarAsync(server.ConnectionString(), "CREATE TABLE kept AS SELECT 42 AS n");
        await server.StopAsync(mode);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => ScalarAsync(server.ConnectionString(), "SELECT 1"));
        await server.StartAgainAsync();
        Assert.Equal(42, await ScalarAsync(server.ConnectionString(), "SELECT n FROM kept"));
    }

    [Fact]
    public async Task HasExtension_agrees_with_the_server()
    {
        await using var server = await LocalPostgresServer.StartAsync();
        foreach (var name in new[] { "citext", "ltree", "pg_trgm", "pgcrypto", "no_such_extension" })
        {
            var known = await ScalarAsync(server.ConnectionString(), $"SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = '{name}')");
            Assert.Equal(known, server.HasExtension(name));
        }
    }

    [Fact]
    public async Task A_setting_that_the_server_refuses_is_an_error_with_its_log_and_leaves_nothing()
    {
        var before = Folders();
        var error = await Assert.ThrowsAsync<LocalPostgresException>(() => LocalPostgresServer.StartAsync(new LocalPostgresOptions
        {
            Settings = new Dictionary<string, string> { ["no_such_setting"] = "1" },
        }));
        Assert.Contains("no_such_setting", error.Message, StringComparison.Ordinal);
        Assert.Contains("did not start", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Folders().Except(before), f => File.Exists(Path.Combine(f, "data", "postgresql.conf"))
            && File.ReadAllText(Path.Combine(f, "data", "postgresql.conf")).Contains("no_such_setting", StringComparison.Ordinal));
    }

    private static string[] Folders() => [.. ClusterFolder.Places().Where(Directory.Exists).SelectMany(p => Directory.GetDirectories(p, ClusterFolder.Prefix + "*"))];

    private static async Task<object?> ScalarAsync(string connectionString, string sql)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false });
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
