using System.Globalization;
using Npgsql;
using Tenancy.Core.Tenants;
using Tenancy.LocalPostgres;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Tenants;

public sealed class DatabaseConnectorTests : IDisposable
{
    private readonly Machine machine = new();

    public void Dispose() => machine.Dispose();

    [Fact]
    public async Task Variables_and_service_lead_to_the_server()
    {
        var server = await PostgresFixture.ServerAsync();
        machine.Variables["PGSERVICE"] = "fleet";
        machine.Variables["PGDATABASE"] = "postgres";
        machine.Write(".pg_service.conf", string.Create(CultureInfo.InvariantCulture, $"[fleet]\nhost={server.Host}\nport={server.Port}\nuser={server.SuperUser}\napplication_name=from the file\n"));
        await using var connector = new DatabaseConnector(new(), machine.Environment);
        await using var connection = await connector.OpenAsync(connector.Default, default);
        Assert.Equal("from the file", await new NpgsqlCommand("SHOW application_name", connection).ExecuteScalarAsync());
    }

    [SkippableFact]
    public async Task A_socket_folder_is_a_server()
    {
        var server = await PostgresFixture.ServerAsync();
        Skip.If(server.SocketDirectory is null, "Windows: no socket.");
        var settings = ConnectionSettings.FromServer(string.Create(CultureInfo.InvariantCulture, $"{server.SocketDirectory}:{server.Port}")) with { Username = server.SuperUser, Database = "postgres" };
        await using var connector = new DatabaseConnector(settings, machine.Environment);
        await using var connection = await connector.OpenAsync(connector.Default, default);
        Assert.True(await new NpgsqlCommand("SELECT inet_server_addr() IS NULL", connection).ExecuteScalarAsync() is true);
    }

    [Fact]
    public async Task Facts_of_a_server_are_read()
    {
        var server = await PostgresFixture.ServerAsync();
        await using var connector = Connect(server);
        await using var connection = await connector.OpenAsync(connector.Default, default);
        var facts = await ServerFacts.ReadAsync(connection, default);
        Assert.Equal(server.MajorVersion, facts.VersionNumber / 10_000);
        Assert.StartsWith(server.MajorVersion.ToString(CultureInfo.InvariantCulture), facts.Version, StringComparison.Ordinal);
        Assert.Equal(("UTF8", "postgres"), (facts.Encoding, facts.Role));
        Assert.True(facts.IsSuperuser);
        Assert.False(facts.IsInRecovery);
        Assert.False(facts.IsBehindPooler);
        facts.EnsureSupported(connector.Default);
        var error = Assert.Throws<TenancyException>(() => (facts with { VersionNumber = 140_011, Version = "14.11" }).EnsureSupported(connector.Default));
        Assert.Equal("ServerTooOld", error.ErrorId);
        Assert.Contains("14.11", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_pooler_is_seen_and_the_direct_server_is_not_one()
    {
        var server = await PostgresFixture.ServerAsync();
        await using var pooler = await PgBouncerServer.StartAsync(server);
        await using var connector = new DatabaseConnector(
            new() { Host = pooler.Host, Port = pooler.Port, Username = server.SuperUser, Database = "postgres", DirectServer = string.Create(CultureInfo.InvariantCulture, $"{server.Host}:{server.Port}") },
            machine.Environment);
        await using var pooled = await connector.OpenAsync(connector.Default, default);
        Assert.True((await ServerFacts.ReadAsync(pooled, default)).IsBehindPooler);
        await using var direct = await connector.OpenAsync(connector.FindDirect(connector.Default), default);
        Assert.False((await ServerFacts.ReadAsync(direct, default)).IsBehindPooler);
    }

    [SkippableFact]
    public async Task Behind_a_pooler_connections_are_reused_and_sources_work()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA t1; CREATE SCHEMA t2");
        await using var pooler = await PgBouncerServer.StartAsync(database.Server);
        await using var connector = new DatabaseConnector(new() { Host = pooler.Host, Port = pooler.Port, Username = database.Server.SuperUser, Database = database.Name }, machine.Environment);
        var source = new QuerySource(connector, connector.Default, "SELECT nspname AS schema FROM pg_namespace WHERE nspname LIKE 't_' ORDER BY 1");
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(["t1", "t2"], await source.ReadAsync(default).Select(static tenant => tenant.Name).ToListAsync());
        }
    }

    [Fact]
    public async Task A_token_is_asked_for_again_for_each_physical_connection_only()
    {
        await using var server = await LocalPostgresServer.StartAsync(new() { Password = "s3cret" });
        var asked = 0;
        await using var connector = Connect(server, new()
        {
            PasswordProvider = async cancellation =>
            {
                await Task.Yield();
                Interlocked.Increment(ref asked);
                return "s3cret";
            },
        });
        await (await connector.OpenAsync(connector.Default, default)).DisposeAsync();
        await using var again = await connector.OpenAsync(connector.Default, default);
        Assert.Equal(1, asked);
        await using var second = await connector.OpenAsync(connector.Default, default);
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task The_password_file_opens_a_server_that_demands_a_password()
    {
        await using var server = await LocalPostgresServer.StartAsync(new() { Password = "s3:cret" });
        machine.Write(".pgpass", string.Create(CultureInfo.InvariantCulture, $"{server.Host}:{server.Port}:postgres:*:s3\\:cret\n"));
        await using (var connector = Connect(server))
        {
            await using var connection = await connector.OpenAsync(connector.Default, default);
            Assert.Equal(1, await new NpgsqlCommand("SELECT 1", connection).ExecuteScalarAsync());
            var elsewhere = await Assert.ThrowsAsync<TenancyException>(async () => await connector.OpenAsync(connector.Locate(null, "template1"), default));
            Assert.Equal("AuthenticationFailed", elsewhere.ErrorId);
            Assert.Contains("none is given", elsewhere.Message, StringComparison.Ordinal);
        }

        await using var wrong = Connect(server, new ConnectionSettings().WithPassword("wrong-secret"));
        var error = await Assert.ThrowsAsync<TenancyException>(async () => await wrong.OpenAsync(wrong.Default, default));
        Assert.Equal("AuthenticationFailed", error.ErrorId);
        Assert.Contains("'postgres'", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);

        await using var failing = Connect(server, new() { PasswordProvider = _ => throw new InvalidOperationException("az login first") });
        error = await Assert.ThrowsAsync<TenancyException>(async () => await failing.OpenAsync(failing.Default, default));
        Assert.Equal("AuthenticationFailed", error.ErrorId);
        Assert.Contains("az login first", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_database_and_a_silent_server_have_errors_of_their_own()
    {
        var server = await PostgresFixture.ServerAsync();
        await using var connector = Connect(server);
        var error = await Assert.ThrowsAsync<TenancyException>(async () => await connector.OpenAsync(connector.Locate(null, "nowhere"), default));
        Assert.Equal("DatabaseNotFound", error.ErrorId);
        Assert.Contains($"'nowhere' on {server.Host}:{server.Port}", error.Message, StringComparison.Ordinal);

        error = await Assert.ThrowsAsync<TenancyException>(async () => await connector.OpenAsync(connector.Locate("127.0.0.1:1", null), default));
        Assert.Equal("ConnectionFailed", error.ErrorId);
        Assert.Contains("127.0.0.1:1", error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.RecommendedAction);

        await using var strict = Connect(server, new() { SslMode = ConnectionSslMode.VerifyFull });
        error = await Assert.ThrowsAsync<TenancyException>(async () => await strict.OpenAsync(strict.Default, default));
        Assert.Equal("ConnectionFailed", error.ErrorId);
    }

    [SkippableFact]
    public async Task A_pooler_s_own_refusals_are_understood()
    {
        var server = await PostgresFixture.ServerAsync();
        await using var pooler = await PgBouncerServer.StartAsync(server);
        await using var connector = new DatabaseConnector(new() { Host = pooler.Host, Port = pooler.Port, Username = server.SuperUser, Database = "nowhere" }, machine.Environment);
        var error = await Assert.ThrowsAsync<TenancyException>(async () => await (await connector.OpenAsync(connector.Default, default)).DisposeAsync());
        Assert.Equal("DatabaseNotFound", error.ErrorId);
        await using var stranger = new DatabaseConnector(new() { Host = pooler.Host, Port = pooler.Port, Username = "stranger", Database = "postgres" }, machine.Environment);
        error = await Assert.ThrowsAsync<TenancyException>(async () => await (await stranger.OpenAsync(stranger.Default, default)).DisposeAsync());
        Assert.Equal("AuthenticationFailed", error.ErrorId);
    }

    [SkippableFact]
    public async Task Options_of_the_environment_go_to_no_server()
    {
        var server = await PostgresFixture.ServerAsync();
        machine.Variables["PGOPTIONS"] = "-c search_path=elsewhere";
        await using var connector = Connect(server);
        await using var connection = await connector.OpenAsync(connector.Default, default);
        Assert.Equal("\"$user\", public", await new NpgsqlCommand("SHOW search_path", connection).ExecuteScalarAsync());

        await using var pooler = await PgBouncerServer.StartAsync(server);
        var error = await Assert.ThrowsAsync<TenancyException>(async () => await connector.OpenAsync(connector.Locate($"{pooler.Host}:{pooler.Port}", null), default));
        Assert.Contains("unset PGOPTIONS", error.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_open_is_a_cancellation()
    {
        var server = await PostgresFixture.ServerAsync();
        await using var connector = Connect(server);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await connector.OpenAsync(connector.Default, cancelled.Token));
    }

    private DatabaseConnector Connect(LocalPostgresServer server, ConnectionSettings? settings = null) =>
        new((settings ?? new()) with { Host = server.Host, Port = server.Port, Username = server.SuperUser, Database = "postgres" }, machine.Environment);
}
