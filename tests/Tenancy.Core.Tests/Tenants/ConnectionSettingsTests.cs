using Tenancy.Core.Tenants;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Tenants;

public sealed class ConnectionSettingsTests
{
    [Fact]
    public async Task A_uri_gives_everything_and_shows_no_password()
    {
        var settings = ConnectionSettings.FromServer("postgresql://b%40b:p%3Aw%40d@db.example:6543/app%20one?sslmode=verify-ca&sslrootcert=%2Fca.pem&application_name=x&connect_timeout=3");
        Assert.Equal(("db.example", 6543, "app one", "b@b"), (settings.Host, settings.Port, settings.Database, settings.Username));
        Assert.Equal((ConnectionSslMode.VerifyCA, "/ca.pem", "x", TimeSpan.FromSeconds(3)), (settings.SslMode, settings.RootCertificate, settings.ApplicationName, settings.ConnectTimeout));
        Assert.Equal("p:w@d", await settings.PasswordProvider!(default));
        Assert.Equal("host=db.example port=6543 database=app one user=b@b sslmode=VerifyCA", settings.ToString());
    }

    [Fact]
    public void A_uri_may_leave_out_nearly_all()
    {
        var settings = ConnectionSettings.FromServer("postgres:///app?host=/run/pg");
        Assert.Equal(("/run/pg", "app"), (settings.Host, settings.Database));
        Assert.Null(settings.Port);
        Assert.Null(settings.Username);
        Assert.Null(settings.PasswordProvider);
        Assert.Equal("::1", ConnectionSettings.FromServer("postgresql://[::1]:77/").Host);
    }

    [Theory]
    [InlineData("postgresql://u:secret@ho st/db")]
    [InlineData("postgresql://u:secret@host:99999/db")]
    [InlineData("postgresql://u:secret@host/db?options=-csearch_path%3Dsecret")]
    [InlineData("postgresql://u:secret@host/db?sslmode=maybe")]
    public void A_bad_uri_is_refused_without_its_password(string uri)
    {
        var error = Assert.Throws<TenancyException>(() => ConnectionSettings.FromServer(uri));
        Assert.Equal("InvalidConnection", error.ErrorId);
        Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
    }
}
