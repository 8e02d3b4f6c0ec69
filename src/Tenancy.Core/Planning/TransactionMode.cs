namespace Tenancy.Core.Planning;

/// <summary>How much commits together.</summary>
public enum TransactionMode
{
    /// <summary>Each revision with its history rows.</summary>
    PerRevision,

    /// <summary>All pending revisions of a tenant, broken where PostgreSQL demands it.</summary>
    PerTenant,

    /// <summary>All pending revisions of all tenants of a database, and of its shared schema: one failure rolls back all of them.</summary>
    AllTenants,
}
