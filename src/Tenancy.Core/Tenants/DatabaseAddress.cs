namespace Tenancy.Core.Tenants;

/// <summary>A database on a server. Equal addresses share one pool of connections.</summary>
/// <param name="Server">The server.</param>
/// <param name="Database">The database's name.</param>
public sealed record DatabaseAddress(ServerAddress Server, string Database)
{
    /// <summary>The text for errors: <c>database 'app' on host:port</c>. No secret.</summary>
    public override string ToString() => $"database '{Database}' on {Server}";
}
