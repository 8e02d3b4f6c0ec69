using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Npgsql;
using Tenancy.Core.Tenants;
using Tenancy.LocalPostgres;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Tenants;

public sealed class TlsTests : IDisposable
{
    private readonly Machine machine = new();

    public void Dispose() => machine.Dispose();

    [SkippableFact]
    public async Task A_server_is_trusted_by_its_authority_and_name_only()
    {
        Skip.If(OperatingSystem.IsWindows(), "The server's key is written through a Unix shell.");
        await using var server = await LocalPostgresServer.StartAsync();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Certify(key, "db.test", IPAddress.Loopback);
        await EncryptAsync(server, certificate, key);
        var authority = machine.Write("ca.pem", certificate.ExportCertificatePem());
        using var strangeKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var strange = Certify(strangeKey, "db.test", IPAddress.Loopback);
        var stranger = machine.Write("other.pem", strange.ExportCertificatePem());

        Assert.True(await IsEncryptedAsync(server, "127.0.0.1", ConnectionSslMode.VerifyFull, authority));
        Assert.True(await IsEncryptedAsync(server, "127.0.0.1", null, null));
        Assert.True(await IsEncryptedAsync(server, "127.0.0.1", ConnectionSslMode.Require, null));
        Assert.False(await IsEncryptedAsync(server, "127.0.0.1", ConnectionSslMode.Disable, null));

        // The certificate is not made out for localhost, so VerifyCA passes and VerifyFull does not.
        Assert.True(await IsEncryptedAsync(server, "localhost", ConnectionSslMode.VerifyCA, authority));
        await RefusesAsync(server, "localhost", ConnectionSslMode.VerifyFull, authority);
        await RefusesAsync(server, "127.0.0.1", ConnectionSslMode.VerifyFull, stranger);
        await RefusesAsync(server, "127.0.0.1", ConnectionSslMode.VerifyFull, "system");
    }

    [SkippableFact]
    public async Task Another_machine_is_talked_to_only_where_its_certificate_is_signed_and_made_out_for_it()
    {
        Skip.If(OperatingSystem.IsWindows(), "The server's key is written through a Unix shell.");
        var address = await OtherName.ResolveAsync();
        await using var server = await LocalPostgresServer.StartAsync(new() { Password = "hunter2", Settings = new Dictionary<string, string> { ["listen_addresses"] = address.Equals(IPAddress.Loopback) ? "127.0.0.1" : $"127.0.0.1,{address}" } });
        var asked = 0;
        var settings = new ConnectionSettings
        {
            Host = OtherName.Host,
            Port = server.Port,
            Username = server.SuperUser,
            Database = "postgres",
            PasswordProvider = _ =>
            {
                asked++;
                return new("hunter2");
            },
        };

        await using (var source = NpgsqlDataSource.Create(server.ConnectionString()))
        {
            await using var allow = source.CreateCommand("COPY (SELECT 'host all all all scram-sha-256') TO PROGRAM 'cat >> pg_hba.conf'; SELECT pg_reload_conf()");
            await allow.ExecuteNonQueryAsync();
        }

        // Without TLS nobody is told the password, nor even asked for it.
        await RefusesAsync(settings);
        await RefusesAsync(settings with { SslMode = ConnectionSslMode.Require });

        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var authority = Certify(authorityKey, "authority", IPAddress.None);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Sign(authority, key, OtherName.Host);
        await EncryptAsync(server, certificate, key);
        var trusted = machine.Write("ca.pem", authority.ExportCertificatePem());
        using var strangeKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var strange = Certify(strangeKey, "authority", IPAddress.None);

        await RefusesAsync(settings);
        await RefusesAsync(settings with { RootCertificate = machine.Write("other.pem", strange.ExportCertificatePem()) });
        await RefusesAsync(settings with { RootCertificate = "system" });
        Assert.Equal(0, asked);
        Assert.True(await IsEncryptedAsync(settings with { RootCertificate = trusted }));
        Assert.Equal(1, asked);

        // Signed, and for another name.
        using var elsewhere = Sign(authority, key, "db.example");
        await EncryptAsync(server, elsewhere, key);
        await RefusesAsync(settings with { RootCertificate = trusted });
        Assert.Equal(1, asked);
        Assert.True(await IsEncryptedAsync(settings with { RootCertificate = trusted, SslMode = ConnectionSslMode.VerifyCA }));
    }

    private static X509Certificate2 Sign(X509Certificate2 authority, ECDsa key, string name)
    {
        var request = new CertificateRequest("CN=db.test", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        return request.Create(authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1), [1, 2, 3, 4]);
    }

    private async Task<bool> IsEncryptedAsync(ConnectionSettings settings)
    {
        await using var connector = new DatabaseConnector(settings, machine.Environment);
        await using var connection = await connector.OpenAsync(connector.Default, default);
        await using var command = new NpgsqlCommand("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", connection);
        return await command.ExecuteScalarAsync() is true;
    }

    private async Task RefusesAsync(ConnectionSettings settings)
    {
        var error = await Assert.ThrowsAsync<TenancyException>(() => IsEncryptedAsync(settings));
        Assert.Equal("ConnectionFailed", error.ErrorId);
        Assert.DoesNotContain("hunter2", error.ToString(), StringComparison.Ordinal);
    }

    private static X509Certificate2 Certify(ECDsa key, string name, IPAddress address)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        names.AddIpAddress(address);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    // The server writes the files itself, in its data folder: its key must be its account's own and readable by nobody else.
    private static async Task EncryptAsync(LocalPostgresServer server, X509Certificate2 certificate, ECDsa key)
    {
        await using var source = NpgsqlDataSource.Create(server.ConnectionString());
        foreach (var (file, pem) in new[] { ("server.crt", certificate.ExportCertificatePem()), ("server.key", key.ExportPkcs8PrivateKeyPem()) })
        {
            var lines = string.Join(", ", pem.Split('\n').Select(static line => $"('{line}')"));
            await ExecuteAsync($"COPY (SELECT * FROM (VALUES {lines}) v) TO PROGRAM 'umask 077; cat > {file}'");
        }

        await ExecuteAsync("ALTER SYSTEM SET ssl = on");
        await server.RestartAsync();

        async Task ExecuteAsync(string sql)
        {
            await using var command = source.CreateCommand(sql);
            await command.ExecuteNonQueryAsync();
        }
    }

    private async Task<bool> IsEncryptedAsync(LocalPostgresServer server, string host, ConnectionSslMode? mode, string? authority)
    {
        await using var connector = new DatabaseConnector(new() { Host = host, Port = server.Port, Username = server.SuperUser, Database = "postgres", SslMode = mode, RootCertificate = authority }, machine.Environment);
        await using var connection = await connector.OpenAsync(connector.Default, default);
        await using var command = new NpgsqlCommand("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", connection);
        return await command.ExecuteScalarAsync() is true;
    }

    private async Task RefusesAsync(LocalPostgresServer server, string host, ConnectionSslMode mode, string authority)
    {
        var error = await Assert.ThrowsAsync<TenancyException>(() => IsEncryptedAsync(server, host, mode, authority));
        Assert.Equal("ConnectionFailed", error.ErrorId);
        Assert.Contains("TLS", error.Message, StringComparison.Ordinal);
        Assert.Contains("sslrootcert", error.RecommendedAction, StringComparison.Ordinal);
    }
}
