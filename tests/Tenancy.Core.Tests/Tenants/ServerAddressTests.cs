using Tenancy.Core.Tenants;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Tenants;

public sealed class ServerAddressTests
{
    [Theory]
    [InlineData("db", "db", null)]
    [InlineData(" db.example:5433 ", "db.example", 5433)]
    [InlineData("10.0.0.7:1", "10.0.0.7", 1)]
    [InlineData("::1", "::1", null)]
    [InlineData("[::1]", "::1", null)]
    [InlineData("[fe80::1%eth0]:5433", "fe80::1%eth0", 5433)]
    [InlineData("/var/run/postgresql", "/var/run/postgresql", null)]
    [InlineData("/tmp:5433", "/tmp", 5433)]
    public void A_server_is_taken_apart(string text, string host, int? port)
    {
        Assert.Equal((host, port), ServerAddress.Split(text));
    }

    [Theory]
    [InlineData("")]
    [InlineData(":5432")]
    [InlineData("db:")]
    [InlineData("db:0")]
    [InlineData("db:65536")]
    [InlineData("db:+5")]
    [InlineData("db one")]
    [InlineData("[::1")]
    [InlineData("[::1]5432")]
    [InlineData("a,b")]
    public void What_is_no_server_is_refused(string text)
    {
        var error = Assert.Throws<TenancyException>(() => ServerAddress.Split(text));
        Assert.Equal("InvalidConnection", error.ErrorId);
        Assert.NotNull(error.RecommendedAction);
    }

    [Fact]
    public void A_connection_string_is_refused_without_being_repeated()
    {
        var error = Assert.Throws<TenancyException>(() => ConnectionSettings.FromServer("Host=db;Password=secret"));
        Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("u:s3cret@host")]
    [InlineData("u:s3cret@host:5432")]
    [InlineData("u:s3cret@a,b")]
    [InlineData("s3cret@host")]
    [InlineData("//u:s3cret@host")]
    [InlineData("/u:s3cret@host/db")]
    [InlineData("postgresql:/u:s3cret@h/db")]
    [InlineData("postgres:/u:s3cret")]
    [InlineData("postgresql;//u:s3cret@h/db")]
    [InlineData("Host=a,b;Password=s3cret")]
    [InlineData("[u:s3cret@host")]
    public void A_mistyped_server_is_refused_without_its_password(string text)
    {
        Assert.DoesNotContain("s3cret", Assert.Throws<TenancyException>(() => ConnectionSettings.FromServer(text)).ToString(), StringComparison.Ordinal);
        var error = Assert.Throws<TenancyException>(() => ServerAddress.Split(text));
        Assert.Equal("InvalidConnection", error.ErrorId);
        Assert.DoesNotContain("s3cret", error + error.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void The_folder_of_a_socket_may_have_any_name()
    {
        Assert.Equal(("/run/a@b", 5433), ServerAddress.Split("/run/a@b:5433"));
    }

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("127.0.0.2", true)]
    [InlineData("::1", true)]
    [InlineData("/tmp", true)]
    [InlineData("db.example", false)]
    [InlineData("10.0.0.1", false)]
    [InlineData("localhost.example", false)]
    public void Local_is_what_never_leaves_the_machine(string host, bool local)
    {
        Assert.Equal(local, ServerAddress.Of(host, 5432).IsLocal);
    }

    [Theory]
    [InlineData("DB.Example:5432", "db.example:5432")]
    [InlineData("[::1]:7", "[::1]:7")]
    [InlineData("/Tmp/x:7", "/Tmp/x:7")]
    public void The_text_reads_back(string text, string canonical)
    {
        var (host, port) = ServerAddress.Split(text);
        var address = ServerAddress.Of(host, port!.Value);
        Assert.Equal(canonical, address.ToString());
        Assert.Equal((address.Host, (int?)address.Port), ServerAddress.Split(address.ToString()));
    }
}
