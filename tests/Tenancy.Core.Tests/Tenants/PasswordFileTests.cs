using Tenancy.Core.Tenants;
using Xunit;

namespace Tenancy.Core.Tests.Tenants;

public sealed class PasswordFileTests : IDisposable
{
    private readonly Machine machine = new();

    public void Dispose() => machine.Dispose();

    [Theory]
    [InlineData("db:5432:app:ann:one", "one")]
    [InlineData("# db:5432:app:ann:no\n\nother:*:*:*:no\n*:*:*:ann:first\ndb:5432:app:ann:second", "first")]
    [InlineData("db:5432:app:ann:co\\:lon\\\\slash", "co:lon\\slash")]
    [InlineData("db:5432:app:ann:with space ", "with space ")]
    [InlineData("db:5433:app:ann:no\ndb:5432:App:ann:no\ndb:5432:app", null)]
    public void The_first_line_that_matches_gives_the_password(string content, string? password)
    {
        Assert.Equal(password, Find(content, "db"));
    }

    [Fact]
    public void A_socket_in_its_usual_folder_stands_as_localhost()
    {
        Assert.Equal("pw", Find("localhost:*:*:*:pw", "/run/pg"));
        Assert.Null(Find("localhost:*:*:*:pw", "/elsewhere"));
        Assert.Equal("pw", Find("/elsewhere:*:*:*:pw", "/elsewhere"));
    }

    private string? Find(string content, string host) =>
        PasswordFile.Find(machine.Write("pass", content), new(ServerAddress.Of(host, 5432), "app"), "ann", ["/run/pg"]);
}
