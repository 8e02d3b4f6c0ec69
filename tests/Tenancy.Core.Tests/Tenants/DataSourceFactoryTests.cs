using Npgsql;
using Tenancy.Core.Tenants;
using Xunit;

namespace Tenancy.Core.Tests.Tenants;

public sealed class DataSourceFactoryTests : IDisposable
{
    private readonly Machine machine = new();

    public void Dispose() => machine.Dispose();

    [Theory]
    [InlineData("db.example", null, SslMode.VerifyFull)]
    [InlineData("10.1.2.3", null, SslMode.VerifyFull)]
    [InlineData("localhost", null, SslMode.Prefer)]
    [InlineData("::1", null, SslMode.Prefer)]
    [InlineData("/tmp", null, SslMode.Disable)]
    [InlineData("/tmp", ConnectionSslMode.VerifyFull, SslMode.Disable)]
    [InlineData("db.example", ConnectionSslMode.Require, SslMode.Require)]
    [InlineData("localhost", ConnectionSslMode.VerifyFull, SslMode.VerifyFull)]
    public void The_certificate_is_checked_where_the_host_is_not_local(string host, ConnectionSslMode? given, SslMode expected)
    {
        Assert.Equal(expected, Describe(new() { Host = host, SslMode = given }).SslMode);
    }

    [Fact]
    public void The_connection_string_is_safe_behind_a_pooler_and_holds_no_secret()
    {
        var described = Describe(new ConnectionSettings { Host = "db", Port = 6432, Username = "bob", Database = "app", RootCertificate = "/ca" }.WithPassword("secret"));
        Assert.True(described.NoResetOnClose);
        Assert.Null(described.SearchPath);
        Assert.Equal(0, described.MaxAutoPrepare);
        Assert.Equal(0, described.CommandTimeout);
        Assert.Equal(0, described.KeepAlive);
        Assert.False(described.Enlist);
        Assert.False(described.IncludeErrorDetail);
        Assert.Equal(("db", 6432, "bob", "app", "/ca"), (described.Host, described.Port, described.Username, described.Database, described.RootCertificate));
        Assert.DoesNotContain("secret", described.ConnectionString, StringComparison.Ordinal);
    }

    [Fact]
    public void The_system_s_authorities_are_no_file_and_make_checking_the_default()
    {
        machine.Variables["PGSSLROOTCERT"] = "system";
        var described = Describe(new() { Host = "localhost" });
        Assert.Null(described.RootCertificate);
        Assert.Equal(SslMode.VerifyFull, described.SslMode);
    }

    [Theory]
    [InlineData(null, GssEncryptionMode.Disable)]
    [InlineData("disable", GssEncryptionMode.Disable)]
    [InlineData("prefer", GssEncryptionMode.Prefer)]
    public void Kerberos_encryption_is_on_demand(string? variable, GssEncryptionMode expected)
    {
        machine.Variables["PGGSSENCMODE"] = variable ?? "";
        Assert.Equal(expected, Describe(new() { Host = "db" }).GssEncryptionMode);
    }

    private NpgsqlConnectionStringBuilder Describe(ConnectionSettings settings)
    {
        var resolved = machine.Resolve(settings);
        return DataSourceFactory.Describe(resolved, new(resolved.Server, resolved.Database));
    }
}
