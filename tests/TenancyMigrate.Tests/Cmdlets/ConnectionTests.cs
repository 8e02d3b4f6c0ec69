using System.Globalization;
using Tenancy.Core.Tests;
using Tenancy.LocalPostgres;
using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Cmdlets;

public sealed class ConnectionTests
{
    [SkippableFact]
    public async Task Connect_tells_what_it_found()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        var answer = await Pwsh.RunAsync($"Connect-TenantDatabase {Arguments(database.Server)} -Database {database.Name}");
        var found = Assert.Single(answer.Clean().Objects);
        Assert.Equal(database.Name, found.GetProperty("Database").GetString());
        Assert.Equal("postgres", found.GetProperty("UserName").GetString());
        Assert.StartsWith(database.Server.MajorVersion.ToString(CultureInfo.InvariantCulture), found.GetProperty("Version").GetString(), StringComparison.Ordinal);
        Assert.Contains(database.Name, answer.Text, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task No_server_is_an_error_that_says_what_to_do()
    {
        var error = (await Pwsh.RunAsync("Connect-TenantDatabase -Server 127.0.0.1:1 -Database app")).Error;
        Assert.Equal("TenantMigration.ConnectionFailed,TenancyMigrate.Cmdlets.ConnectTenantDatabaseCommand", error.Id);
        Assert.Equal("ConnectionError", error.Category);
        Assert.Contains("127.0.0.1:1", error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(error.Action!);
    }

    [SkippableFact]
    public async Task A_password_is_taken_as_credential_as_token_and_as_a_script_that_is_asked_again()
    {
        const string Secret = "p'w \"1\" $x";
        await using var server = await LocalPostgresServer.StartAsync(new LocalPostgresOptions { Password = Secret });
        var answer = await Pwsh.RunAsync($$"""
            $secret = ConvertTo-SecureString {{PwshProcess.Quote(Secret)}} -AsPlainText
            $where = @{ Server = 'postgresql://postgres@{{server.Host}}:{{server.Port}}/postgres' }
            Connect-TenantDatabase -Server {{server.Host}} -Port {{server.Port}} -Database postgres -Credential ([pscredential]::new('postgres', $secret))
            Connect-TenantDatabase @where -AccessToken $secret
            $script:asked = 0
            Connect-TenantDatabase @where -AccessToken { $script:asked++; $secret }
            Connect-TenantDatabase @where -AccessToken { $script:asked++; $secret }
            [pscustomobject]@{ Database = "asked $asked" }
            """);
        Assert.Equal(["postgres", "postgres", "postgres", "postgres", "asked 2"], answer.Clean().Values("Database"));
        Assert.DoesNotContain(Secret, answer.Output + answer.Text, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("{ ConvertTo-SecureString wrong -AsPlainText }", "AuthenticationError", "AuthenticationFailed", "refuses user 'postgres'")]
    [InlineData("{ throw 'no token today' }", "InvalidArgument", "InvalidAccessToken", "no token today")]
    [InlineData("{ 'plain text' }", "InvalidArgument", "InvalidAccessToken", "gave a String where")]
    [InlineData("{ }", "InvalidArgument", "InvalidAccessToken", "gave nothing where")]
    [InlineData("{ 1; 2 }", "InvalidArgument", "InvalidAccessToken", "gave 2 objects where")]
    public async Task A_bad_token_is_an_error_of_its_own(string token, string category, string id, string message)
    {
        await using var server = await LocalPostgresServer.StartAsync(new LocalPostgresOptions { Password = "right" });
        var error = (await Pwsh.RunAsync($"Connect-TenantDatabase -Server postgresql://postgres@{server.Host}:{server.Port}/postgres -AccessToken {token}")).Error;
        Assert.Equal((category, $"TenantMigration.{id},TenancyMigrate.Cmdlets.ConnectTenantDatabaseCommand"), (error.Category, error.Id));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("plain text", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_token_as_plain_text_is_refused()
    {
        var error = (await Pwsh.RunAsync("Connect-TenantDatabase -AccessToken secret")).Error;
        Assert.Contains("SecureString", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    /// <summary>The parameters for a throwaway server.</summary>
    internal static string Arguments(LocalPostgresServer server) =>
        string.Create(CultureInfo.InvariantCulture, $"-Server {server.Host} -Port {server.Port} -Credential ([pscredential]::new('{server.SuperUser}', (ConvertTo-SecureString x -AsPlainText)))");
}
