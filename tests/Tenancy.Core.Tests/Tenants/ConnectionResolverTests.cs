using System.Runtime.Versioning;
using Tenancy.Core.Tenants;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Tenants;

public sealed class ConnectionResolverTests : IDisposable
{
    private readonly Machine machine = new();

    public void Dispose() => machine.Dispose();

    [Fact]
    public void Without_anything_it_is_psql_s_defaults()
    {
        var resolved = machine.Resolve();
        Assert.Equal(new ServerAddress("localhost", 5432), resolved.Server);
        Assert.Equal(("ann", "ann", "TenancyMigrate"), (resolved.Username, resolved.Database, resolved.ApplicationName));
        Assert.Null(resolved.PasswordProvider);
        Assert.Null(resolved.PasswordFile);
        Assert.Empty(resolved.Warnings);
    }

    [Fact]
    public void A_local_server_is_found_by_its_socket()
    {
        using var local = new Machine { SocketFolders = [machine.Home, "/nowhere"] };
        machine.Write(".s.PGSQL.5444", "");
        Assert.Equal("localhost", local.Resolve().Server.Host);
        local.Variables["PGPORT"] = "5444";
        Assert.Equal(new ServerAddress(machine.Home, 5444), local.Resolve().Server);
    }

    [Fact]
    public async Task Variables_fill_what_is_not_given()
    {
        Set(("PGHOST", "db"), ("PGPORT", "6000"), ("PGUSER", "bob"), ("PGDATABASE", "app"), ("PGPASSWORD", "pw"), ("PGSSLMODE", "verify-ca"), ("PGSSLROOTCERT", "/ca"), ("PGAPPNAME", "mine"), ("PGCONNECT_TIMEOUT", "7"));
        var resolved = machine.Resolve();
        Assert.Equal(new ServerAddress("db", 6000), resolved.Server);
        Assert.Equal(("bob", "app", "mine"), (resolved.Username, resolved.Database, resolved.ApplicationName));
        Assert.Equal((ConnectionSslMode.VerifyCA, "/ca", TimeSpan.FromSeconds(7)), (resolved.SslMode, resolved.RootCertificate, resolved.ConnectTimeout));
        Assert.Equal("pw", await resolved.PasswordProvider!(default));

        var given = machine.Resolve(new() { Host = "other", Port = 1, Username = "eve", Database = "d", SslMode = ConnectionSslMode.Require, ApplicationName = "a" });
        Assert.Equal((new ServerAddress("other", 1), "eve", "d", ConnectionSslMode.Require, "a"), (given.Server, given.Username, given.Database, given.SslMode, given.ApplicationName));
    }

    [Fact]
    public async Task A_service_stands_between_what_is_given_and_the_variables()
    {
        Set(("PGSERVICE", "prod"), ("PGHOST", "wrong"), ("PGPORT", "1"), ("PGUSER", "bob"), ("PGPASSWORD", "wrong"));
        machine.Write(".pg_service.conf", "# fleet\n[test]\nhost=test\n\n[prod]\nhost = db\nport=6000\ndbname=app\npassword=pw=d\nhost=second\noptions=-c x=y\n[next]\nuser=no\n");
        var resolved = machine.Resolve();
        Assert.Equal((new ServerAddress("db", 6000), "app", "bob"), (resolved.Server, resolved.Database, resolved.Username));
        Assert.Equal("pw=d", await resolved.PasswordProvider!(default));
        Assert.Contains("'options'", Assert.Single(resolved.Warnings), StringComparison.Ordinal);
        Assert.Equal("test", machine.Resolve(new() { ServiceName = "test" }).Server.Host);
    }

    [Fact]
    public void A_service_that_is_nowhere_is_an_error_with_the_files_searched()
    {
        Set(("PGSYSCONFDIR", machine.Home));
        var file = machine.Write("pg_service.conf", "[there]\nhost=db\n");
        Assert.Equal("db", machine.Resolve(new() { ServiceName = "there" }).Server.Host);
        var error = Assert.Throws<TenancyException>(() => machine.Resolve(new() { ServiceName = "gone" }));
        Assert.Equal("ServiceNotFound", error.ErrorId);
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_broken_line_of_a_service_is_an_error_with_its_place()
    {
        Set(("PGSERVICEFILE", machine.Write("own.conf", "[s]\nhost=db\nnonsense\n")));
        var error = Assert.Throws<TenancyException>(() => machine.Resolve(new() { ServiceName = "s" }));
        Assert.Contains("own.conf:3", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PGPORT", "many")]
    [InlineData("PGSSLMODE", "3")]
    [InlineData("PGCONNECT_TIMEOUT", "soon")]
    [InlineData("PGHOST", "a,b")]
    public void A_variable_that_makes_no_sense_is_an_error(string name, string value)
    {
        Set((name, value));
        var error = Assert.Throws<TenancyException>(() => machine.Resolve());
        Assert.Equal("InvalidConnection", error.ErrorId);
        Assert.Contains(value, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_and_a_second_address_are_not_used_and_the_user_is_told()
    {
        Set(("PGOPTIONS", "-c role=x"), ("PGHOST", "db"), ("PGHOSTADDR", "10.0.0.1"));
        var resolved = machine.Resolve();
        Assert.Equal("db", resolved.Server.Host);
        Assert.Equal(2, resolved.Warnings.Length);
        machine.Variables.Remove("PGHOST");
        Assert.Equal("10.0.0.1", machine.Resolve().Server.Host);
    }

    [SkippableFact]
    [UnsupportedOSPlatform("windows")]
    public void A_password_file_that_others_may_read_is_ignored_with_a_warning()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no such permissions.");
        var file = machine.Write(".pgpass", "*:*:*:*:pw\n");
        Assert.Equal(file, machine.Resolve().PasswordFile);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        var resolved = machine.Resolve();
        Assert.Null(resolved.PasswordFile);
        Assert.Contains("0600", Assert.Single(resolved.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_direct_server_serves_the_session_s_server_only()
    {
        await using var connector = new DatabaseConnector(new() { Host = "pooler", Port = 6432, Database = "app", DirectServer = "db" }, machine.Environment);
        Assert.Equal("db:5432", connector.FindDirect(connector.Default).Server.ToString());
        Assert.Equal("other:5432", connector.FindDirect(connector.Locate("other", null)).Server.ToString());
        var error = Assert.Throws<TenancyException>(() => machine.Resolve(new() { Host = "db", DirectServer = "db:5432" }));
        Assert.Equal("InvalidConnection", error.ErrorId);
    }

    [Fact]
    public async Task A_tenant_s_server_without_a_port_means_the_session_s_when_it_is_the_same_host()
    {
        await using var connector = new DatabaseConnector(new() { Host = "db", Port = 6432, Database = "app" }, machine.Environment);
        Assert.Equal("database 'x' on db:6432", connector.Locate("DB", "x").ToString());
        Assert.Equal("database 'app' on db:5432", connector.Locate("db:5432", null).ToString());
        Assert.Equal("database 'app' on db2:5432", connector.Locate("db2", null).ToString());
        Assert.Equal(connector.Default, connector.Locate(new Tenant { Name = "a", Schema = "a" }));
    }

    private void Set(params (string Name, string Value)[] variables)
    {
        foreach (var (name, value) in variables)
        {
            machine.Variables[name] = value;
        }
    }
}
