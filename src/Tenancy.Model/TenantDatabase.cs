namespace Tenancy.Model;

/// <summary>The session's default database, as <c>Connect-TenantDatabase</c> found it. Holds no secret.</summary>
public sealed record TenantDatabase
{
    /// <summary>Host and port, or socket folder, of the server.</summary>
    public string Server { get; init; } = "";

    /// <summary>The database of tenants that name none.</summary>
    public string Database { get; init; } = "";

    /// <summary>The role that logs in.</summary>
    public string UserName { get; init; } = "";

    /// <summary>The server's version, such as <c>15.4</c>.</summary>
    public string Version { get; init; } = "";

    /// <summary>True where a pooler stands between: steps that cannot run in a transaction then need <see cref="DirectServer"/>.</summary>
    public bool IsBehindPooler { get; init; }

    /// <summary>Where such steps go; null when to <see cref="Server"/> itself.</summary>
    public string? DirectServer { get; init; }

    /// <summary>The session's project file, absolute; null when it is looked for from the current location.</summary>
    public string? Project { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Database} on {Server}";
}
