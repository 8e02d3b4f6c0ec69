namespace Tenancy.Core.Manifests;

/// <summary>What a revision changes.</summary>
public enum MigrationScope
{
    /// <summary>Each tenant's schema; runs once per tenant.</summary>
    Tenant,

    /// <summary>The shared schema; runs once per database.</summary>
    Shared,
}
