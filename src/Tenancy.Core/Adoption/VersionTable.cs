using System.Collections.Immutable;

namespace Tenancy.Core.Adoption;

/// <summary>The table in which a tool keeps what it has applied to a schema.</summary>
/// <param name="Name">Its name by default, unquoted.</param>
/// <param name="Forms">The forms that it may have.</param>
internal sealed record VersionTable(string Name, ImmutableArray<VersionTableForm> Forms)
{
    private static readonly VersionTable Alembic = new("alembic_version", [new(["version_num"], "version_num, 'applied', 0")]);

    // Repeatable migrations have no version; types of undo begin with UNDO, those of a baseline end with BASELINE.
    private static readonly VersionTable Flyway = new("flyway_schema_history", [new(
        ["installed_rank", "version", "type", "success"],
        "version, CASE WHEN NOT success THEN 'failed' WHEN type LIKE 'UNDO%' OR type = 'DELETE' THEN 'undone' WHEN type LIKE '%BASELINE' THEN 'baseline' ELSE 'applied' END, installed_rank",
        "version IS NOT NULL")]);

    // The second form is that of a context with snake-case names.
    private static readonly VersionTable EFCore = new("__EFMigrationsHistory", [new(["MigrationId"], "\"MigrationId\", 'applied', 0"), new(["migration_id"], "migration_id, 'applied', 0")]);

    // As Liquibase itself writes a changeset.
    private static readonly VersionTable Liquibase = new("databasechangelog", [new(
        ["id", "author", "filename", "orderexecuted"], "filename || '::' || id || '::' || author, 'applied', orderexecuted")]);

    /// <summary>The table of a tool.</summary>
    /// <param name="source">The tool.</param>
    public static VersionTable Of(ImportSource source) => source switch
    {
        ImportSource.Alembic => Alembic,
        ImportSource.Flyway => Flyway,
        ImportSource.EFCore => EFCore,
        _ => Liquibase,
    };

    /// <summary>The form that a table of these columns has, or null.</summary>
    /// <param name="columns">Its columns.</param>
    public VersionTableForm? Find(IReadOnlyCollection<string> columns) => Forms.FirstOrDefault(form => form.Columns.All(columns.Contains));
}

/// <summary>A form of a version table.</summary>
/// <param name="Columns">The columns that it must have.</param>
/// <param name="Select">What gives version, kind and order.</param>
/// <param name="Where">Which rows count.</param>
internal sealed record VersionTableForm(ImmutableArray<string> Columns, string Select, string Where = "true");
