using System.Collections.Immutable;

namespace Tenancy.Core.Tenants;

/// <summary>Settings with every gap filled; where each value came from no longer matters. Made by <see cref="ConnectionResolver"/>.</summary>
internal sealed record ResolvedConnection
{
    /// <summary>The session's server.</summary>
    public required ServerAddress Server { get; init; }

    /// <summary>The session's database.</summary>
    public required string Database { get; init; }

    /// <summary>The role that logs in, on every server.</summary>
    public required string Username { get; init; }

    /// <summary>The port of a server that is named without one and is not the session's.</summary>
    public required int OtherPort { get; init; }

    /// <summary>A password that was given; null means the password file is looked at.</summary>
    public Func<CancellationToken, ValueTask<string>>? PasswordProvider { get; init; }

    /// <summary>A password file that exists and may be read, or null.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>Folders whose sockets stand under <c>localhost</c> in the password file.</summary>
    public required IReadOnlyList<string> SocketFolders { get; init; }

    /// <summary>Null: by the host.</summary>
    public ConnectionSslMode? SslMode { get; init; }

    /// <summary>Trusted authorities, or null.</summary>
    public string? RootCertificate { get; init; }

    /// <summary>True where the operating system's authorities were asked for by name: Npgsql takes <c>PGSSLROOTCERT=system</c> for a file.</summary>
    public bool UsesSystemRoots { get; init; }

    /// <summary>The client's certificate from the service file, or null; the variables are Npgsql's own matter.</summary>
    public string? ClientCertificate { get; init; }

    /// <summary>Its key, or null.</summary>
    public string? ClientKey { get; init; }

    /// <summary>Where non-transactional steps of the session's server go, or null.</summary>
    public ServerAddress? DirectServer { get; init; }

    /// <summary>The name that the server shows.</summary>
    public required string ApplicationName { get; init; }

    /// <summary>How long to wait for a new connection.</summary>
    public required TimeSpan ConnectTimeout { get; init; }

    /// <summary>True where <c>PGGSSENCMODE</c> asks for Kerberos encryption.</summary>
    public bool UsesGssEncryption { get; init; }

    /// <summary>True where <c>PGOPTIONS</c> is set: Npgsql would send it of its own accord.</summary>
    public bool HidesOptions { get; init; }

    /// <summary>What was set but is not used, and why.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];

    /// <summary>No secret.</summary>
    public override string ToString() => $"{new DatabaseAddress(Server, Database)} as '{Username}'";
}
