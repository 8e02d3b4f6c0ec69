using System.Text.Json;
using Npgsql;
using Xunit;

namespace Tenancy.Quickstart.Tests;

/// <summary>What a new user runs, as they run it.</summary>
public sealed class QuickstartTests
{
    [Fact]
    public async Task It_shows_the_main_job_and_ends_well()
    {
        using var quickstart = new QuickstartProcess();

        var (exitCode, output, error) = await quickstart.EndAsync();

        Assert.Equal("", error);
        Assert.Equal(0, exitCode);
        Assert.Contains("08-unique-emails.yaml:5, create_index", output, StringComparison.Ordinal);
        Assert.Contains("CREATE UNIQUE INDEX", output, StringComparison.Ordinal);
        Assert.Contains("goes on where it stood: 81d6e2f5", output.ReplaceLineEndings(" ").Replace("   ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("All as it should be", output, StringComparison.Ordinal);
        Assert.DoesNotContain(output.ReplaceLineEndings("\n").Split('\n'), static line => line.Length > 100);
    }

    [Fact]
    public async Task It_serves_25_tenants_until_its_input_ends()
    {
        using var quickstart = new QuickstartProcess("--serve");
        using var served = JsonDocument.Parse(await quickstart.Output.ReadLineAsync() ?? "");
        var place = served.RootElement;
        Assert.True(File.Exists(Path.Combine(place.GetProperty("project").GetString()!, "tenancy.yaml")));
        var connection = new NpgsqlConnectionStringBuilder
        {
            Host = place.GetProperty("host").GetString(),
            Port = place.GetProperty("port").GetInt32(),
            Database = place.GetProperty("database").GetString(),
            Username = place.GetProperty("user").GetString(),
            Pooling = false,
        }.ConnectionString;
        Assert.Equal(25L, await ScalarAsync(connection, "SELECT count(*) FROM tenancy.tenant JOIN pg_namespace ON nspname = schema"));
        Assert.Equal(0L, await ScalarAsync(connection, "SELECT count(*) FROM tenancy.head"));

        quickstart.CloseInput();

        Assert.Equal(0, (await quickstart.EndAsync()).ExitCode);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => ScalarAsync(connection, "SELECT 1"));
    }

    [Fact]
    public async Task An_unknown_option_is_told_with_the_known_ones()
    {
        using var quickstart = new QuickstartProcess("--nosuch");

        var (exitCode, _, error) = await quickstart.EndAsync();

        Assert.Equal(2, exitCode);
        Assert.Contains("'--nosuch' means nothing here", error, StringComparison.Ordinal);
        Assert.Contains("--serve", error, StringComparison.Ordinal);
    }

    private static async Task<object?> ScalarAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
