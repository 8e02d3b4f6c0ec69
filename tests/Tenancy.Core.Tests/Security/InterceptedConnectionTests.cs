using System.Net;
using System.Net.Sockets;
using System.Text;
using Tenancy.Core.Tenants;
using Tenancy.Core.Tests.Tenants;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Security;

/// <summary>Somebody stands where the server should, says that there is no TLS, and asks for the password itself.</summary>
public sealed class InterceptedConnectionTests : IDisposable
{
    private const string Password = "hunter2-secret";

    private readonly Machine machine = new();

    public void Dispose() => machine.Dispose();

    [SkippableTheory]
    [InlineData(null, false)]
    [InlineData(ConnectionSslMode.VerifyFull, false)]
    [InlineData(ConnectionSslMode.VerifyCA, false)]
    [InlineData(ConnectionSslMode.Require, false)]
    [InlineData(ConnectionSslMode.Prefer, true)]
    [InlineData(ConnectionSslMode.Disable, true)]
    public async Task A_password_is_sent_unencrypted_only_where_that_was_asked_for_and_warned_of(ConnectionSslMode? mode, bool isSent)
    {
        using var listener = new TcpListener(await OtherName.ResolveAsync(), 0);
        listener.Start();
        var heard = ListenAsync(listener);
        var settings = new ConnectionSettings { Host = OtherName.Host, Port = ((IPEndPoint)listener.LocalEndpoint).Port, Username = "ann", Database = "app", SslMode = mode }.WithPassword(Password);

        await using (var connector = new DatabaseConnector(settings, machine.Environment))
        {
            var error = await Assert.ThrowsAsync<TenancyException>(() => connector.OpenAsync(connector.Default, default).AsTask());
            Assert.DoesNotContain(Password, error.ToString(), StringComparison.Ordinal);
            Assert.Equal(isSent, connector.Warnings.Any(static warning => warning.Contains("can be read by whoever is in between", StringComparison.Ordinal)));
        }

        listener.Stop();
        Assert.Equal(isSent, (await heard).Contains(Password, StringComparison.Ordinal));
    }

    [Fact]
    public void On_this_machine_there_is_nobody_in_between()
    {
        foreach (var host in new[] { "localhost", "127.0.0.1", "::1", machine.Home })
        {
            Assert.Empty(machine.Resolve(new() { Host = host, SslMode = ConnectionSslMode.Disable }).Warnings);
        }

        machine.Variables["PGSSLMODE"] = "prefer";
        Assert.Contains("db:5432", Assert.Single(machine.Resolve(new() { Host = "db" }).Warnings), StringComparison.Ordinal);
    }

    // PostgreSQL manual, 55.2.1: to SSLRequest or GSSENCRequest 'N', to a start AuthenticationCleartextPassword.
    private static async Task<string> ListenAsync(TcpListener listener)
    {
        var all = new StringBuilder();
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync();
                var stream = client.GetStream();
                var buffer = new byte[4096];
                int length;
                while ((length = await stream.ReadAsync(buffer)) > 0)
                {
                    all.Append(Encoding.UTF8.GetString(buffer, 0, length));
                    await stream.WriteAsync(length == 8 ? [(byte)'N'] : buffer[0] == 'p' ? ErrorResponse : [(byte)'R', 0, 0, 0, 8, 0, 0, 0, 3]);
                }
            }
        }
        catch (Exception error) when (error is SocketException or IOException or InvalidOperationException)
        {
            return all.ToString();
        }
    }

    private static byte[] ErrorResponse
    {
        get
        {
            var fields = Encoding.UTF8.GetBytes("SFATAL\0VFATAL\0C28P01\0Mthank you\0\0");
            return [(byte)'E', 0, 0, 0, (byte)(fields.Length + 4), .. fields];
        }
    }
}
