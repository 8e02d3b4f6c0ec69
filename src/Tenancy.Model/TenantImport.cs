namespace Tenancy.Model;

/// <summary>Where another tool had brought one tenant, and where the history has it now.</summary>
public sealed record TenantImport
{
    /// <summary>The tenant's name; the shared schema's name where <see cref="Scope"/> is <c>shared</c>.</summary>
    public string Name { get; init; } = "";

    /// <summary>The schema.</summary>
    public string Schema { get; init; } = "";

    /// <summary>The database.</summary>
    public string Database { get; init; } = "";

    /// <summary>The server.</summary>
    public string Server { get; init; } = "";

    /// <summary><c>tenant</c> or <c>shared</c>.</summary>
    public string Scope { get; init; } = "tenant";

    /// <summary>One of <see cref="ImportStatus"/>.</summary>
    public string Status { get; init; } = "";

    /// <summary>The other tool: <c>Alembic</c>, <c>Flyway</c>, <c>EFCore</c> or <c>Liquibase</c>.</summary>
    public string Source { get; init; } = "";

    /// <summary>Its table, in the tenant's schema.</summary>
    public string Table { get; init; } = "";

    /// <summary>What it had applied last, as its table has it: of Alembic every head, else one; empty where it had applied nothing, or that could not be read.</summary>
    public string[] Versions { get; init; } = [];

    /// <summary>The revisions that the tenant is at in the history; empty at base, and where it failed.</summary>
    public string[] To { get; init; } = [];

    /// <summary>Why it was not imported; null where it was.</summary>
    public MigrationFailure? Failure { get; init; }

    /// <summary>The run.</summary>
    public Guid RunId { get; init; }

    /// <summary>The tenant's labels.</summary>
    public TenantLabels Labels { get; init; } = [];

    /// <summary>Why it was not imported, in one line; null where it was.</summary>
    public string? Error => Failure?.Message;

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>The closed set of values of <see cref="TenantImport.Status"/>.</summary>
public static class ImportStatus
{
    /// <summary>The history has it now.</summary>
    public const string Imported = nameof(Imported);

    /// <summary>Would be imported; nothing was written.</summary>
    public const string Planned = nameof(Planned);

    /// <summary>The history had it there already.</summary>
    public const string UpToDate = nameof(UpToDate);

    /// <summary>Not imported: the failure says why.</summary>
    public const string Failed = nameof(Failed);
}
