using Tenancy.Core.Tenants;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Tenants;

public sealed class TenantFilterTests : IDisposable
{
    private readonly Machine machine = new();
    private readonly DatabaseConnector connector;
    private readonly TenantFilter filter;

    public TenantFilterTests()
    {
        connector = new(new() { Host = "db", Port = 6432, Database = "app" }, machine.Environment);
        filter = new(connector, new("tenancy", "shared"));
    }

    public void Dispose() => machine.Dispose();

    [Fact]
    public void A_tenant_gets_its_place_and_what_is_missing()
    {
        Assert.Equal(new() { Name = "a", Schema = "a", Server = "db:6432", Database = "app" }, Pass(new() { Name = "a" }) with { Labels = new Tenant().Labels }, Same);
        Assert.Equal(new() { Name = "b", Schema = "b", Server = "db2:5432", Database = "x" }, Pass(new() { Schema = "b", Server = "DB2", Database = "x" }), Same);
    }

    [Fact]
    public void Doubles_are_dropped_and_the_first_stays()
    {
        Pass(new() { Name = "a", Schema = "s" });
        Assert.Null(filter.Check(new() { Name = "b", Schema = "s", Server = "DB:6432", Database = "app" }));
        Pass(new() { Name = "a", Schema = "S" });
        Pass(new() { Name = "a", Schema = "s", Database = "other" });
    }

    [Theory]
    [InlineData("pg_temp")]
    [InlineData("pg_anything")]
    [InlineData("information_schema")]
    [InlineData("public")]
    [InlineData("tenancy")]
    [InlineData("shared")]
    [InlineData("tenancy_scratch_5")]
    public void A_reserved_schema_is_an_error_of_that_tenant(string schema)
    {
        var error = Fail(new() { Name = "mine", Schema = schema });
        Assert.Equal("InvalidTenant", error.ErrorId);
        Assert.Contains("'mine'", error.Message, StringComparison.Ordinal);
        Assert.Contains($"'{schema}'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_PostgreSQL_cannot_hold_is_an_error_of_that_tenant()
    {
        Assert.Contains("neither", Fail(new()).Message, StringComparison.Ordinal);
        Assert.Contains("64 bytes", Fail(new() { Name = "long", Schema = new string('ü', 32) }).Message, StringComparison.Ordinal);
        Assert.Contains("U+0000", Fail(new() { Name = "a\0b" }).Message, StringComparison.Ordinal);
        Assert.Contains("half a character", Fail(new() { Name = "\uD83D" }).Message, StringComparison.Ordinal);
        Assert.Contains("surrogate", Fail(new() { Name = "fine", Schema = "\uD83D" }).Message, StringComparison.Ordinal);
        Pass(new() { Name = "Ünï \"quoted\" 'x'", Schema = new string('ü', 31) + "x" });
    }

    [Fact]
    public void A_server_that_cannot_be_read_is_an_error_of_that_tenant()
    {
        Assert.Equal("InvalidConnection", Fail(new() { Name = "a", Server = "db:none" }).ErrorId);
        Assert.Contains("U+0000", Fail(new() { Name = "a", Server = "d\0b" }).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_database_that_PostgreSQL_cannot_have_is_an_error_of_that_tenant()
    {
        // The server would cut the first, and throw the whole run out with the second.
        Assert.Contains("64 bytes", Fail(new() { Name = "a", Database = new string('d', 64) }).Message, StringComparison.Ordinal);
        Assert.Equal("InvalidTenant", Fail(new() { Name = "a", Database = "a\0b" }).ErrorId);
        Pass(new() { Name = "a", Database = new string('d', 63) });
    }

    [Fact]
    public void Names_are_filtered_and_literal_misses_reported()
    {
        var names = new NameFilter(["a*", "Bob", "gone", "x[0-9]"]);
        Assert.Equal([true, true, true, false], new[] { "ann", "Al", "bob", "carl" }.Select(name => names.IsMatch(new() { Name = name, Schema = name })));
        var miss = Assert.Single(names.Misses());
        Assert.Equal("TenantNotFound", miss.ErrorId);
        Assert.Contains("'gone'", miss.Message, StringComparison.Ordinal);
        Assert.True(new NameFilter([]).IsMatch(new() { Name = "any" }));
    }

    private static bool Same(Tenant? one, Tenant? two) => (one?.Name, one?.Schema, one?.Server, one?.Database) == (two?.Name, two?.Schema, two?.Server, two?.Database);

    private Tenant Pass(Tenant tenant)
    {
        var finding = filter.Check(tenant);
        Assert.Null(finding!.Error);
        return finding.Tenant;
    }

    private TenancyException Fail(Tenant tenant) => filter.Check(tenant)!.Error!;
}
