namespace Tenancy.Model;

/// <summary>One customer's copy of the tables: a schema in a database on a server.</summary>
public sealed record Tenant
{
    /// <summary>The name people use for the tenant. Equal to <see cref="Schema"/> unless its source says otherwise.</summary>
    public string Name { get; init; } = "";

    /// <summary>The schema's name, unquoted; at most 63 bytes of UTF-8 (PostgreSQL manual, 4.1.1).</summary>
    public string Schema { get; init; } = "";

    /// <summary>The database that holds the schema; null means the session's default.</summary>
    public string? Database { get; init; }

    /// <summary>Host, <c>host:port</c> or socket folder of the server; null means the session's default.</summary>
    public string? Server { get; init; }

    /// <summary>Free labels, such as a rollout ring.</summary>
    public TenantLabels Labels { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => Name;
}
