namespace Tenancy.Core.Tenants;

/// <summary>How a connection is encrypted and the server's certificate checked; libpq's <c>sslmode</c> (PostgreSQL manual, 34.19.3).</summary>
public enum ConnectionSslMode
{
    /// <summary>Never encrypted.</summary>
    Disable,

    /// <summary>Encrypted only where the server insists.</summary>
    Allow,

    /// <summary>Encrypted where the server can; its certificate is not checked.</summary>
    Prefer,

    /// <summary>Always encrypted; the certificate is not checked.</summary>
    Require,

    /// <summary>Encrypted, and the certificate is signed by a trusted authority.</summary>
    VerifyCA,

    /// <summary>Encrypted, trusted, and made out for the host's name.</summary>
    VerifyFull,
}
