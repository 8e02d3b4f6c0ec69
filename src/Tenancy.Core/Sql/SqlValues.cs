namespace Tenancy.Core.Sql;

/// <summary>What a template is filled with for one tenant.</summary>
public sealed record SqlValues
{
    /// <summary>The tenant's schema, unquoted. Null for shared scope: a template that needs it then fails.</summary>
    public string? TenantSchema { get; init; }

    /// <summary>The shared schema, unquoted.</summary>
    public required string SharedSchema { get; init; }

    /// <summary>The tenant's name. Null for shared scope.</summary>
    public string? TenantName { get; init; }

    /// <summary>Arguments of the run, by key.</summary>
    public IReadOnlyDictionary<string, string> Arguments { get; init; } = new Dictionary<string, string>();
}
