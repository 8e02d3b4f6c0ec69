namespace Tenancy.Core.Adoption;

/// <summary>A tool whose version tables can be read.</summary>
public enum ImportSource
{
    /// <summary>Alembic: a row a head.</summary>
    Alembic,

    /// <summary>Flyway: a row for each migration run or undone.</summary>
    Flyway,

    /// <summary>Entity Framework Core: a row for each migration applied.</summary>
    EFCore,

    /// <summary>Liquibase: a row for each changeset run.</summary>
    Liquibase,
}
