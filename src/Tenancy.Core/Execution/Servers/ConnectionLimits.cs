namespace Tenancy.Core.Execution.Servers;

/// <summary>How many connections a run may use at once.</summary>
/// <param name="Database">In one database.</param>
/// <param name="Server">On one server, over its databases.</param>
internal sealed record ConnectionLimits(int Database, int Server)
{
    /// <summary>How many of the server's a database takes.</summary>
    /// <param name="tenants">How many tenants it has.</param>
    public int Share(int tenants) => Math.Clamp(tenants, 1, Database);
}
