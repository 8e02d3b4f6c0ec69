namespace Tenancy.Core.Tests.Adoption;

/// <summary>Version tables as the tools themselves make them.</summary>
internal static class VersionTables
{
    /// <summary>Alembic 1.8.1, by <c>alembic upgrade --sql</c>.</summary>
    internal static string Alembic(string schema, params string[] versions) => $"""
        CREATE TABLE {schema}.alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));
        {string.Concat(versions.Select(version => $"INSERT INTO {schema}.alembic_version (version_num) VALUES ('{version}');"))}
        """;

    /// <summary>Flyway, on PostgreSQL: a row is a version (or null), a type and whether it succeeded.</summary>
    internal static string Flyway(string schema, params (string? Version, string Type, bool Success)[] rows) => $"""
        CREATE TABLE {schema}.flyway_schema_history (
          "installed_rank" INT NOT NULL, "version" VARCHAR(50), "description" VARCHAR(200) NOT NULL, "type" VARCHAR(20) NOT NULL, "script" VARCHAR(1000) NOT NULL,
          "checksum" INTEGER, "installed_by" VARCHAR(100) NOT NULL, "installed_on" TIMESTAMP NOT NULL DEFAULT now(), "execution_time" INTEGER NOT NULL, "success" BOOLEAN NOT NULL);
        ALTER TABLE {schema}.flyway_schema_history ADD CONSTRAINT "flyway_schema_history_pk" PRIMARY KEY ("installed_rank");
        CREATE INDEX "flyway_schema_history_s_idx" ON {schema}.flyway_schema_history ("success");
        {string.Concat(rows.Select((row, index) => $"INSERT INTO {schema}.flyway_schema_history VALUES ({index + 1}, {(row.Version is null ? "NULL" : $"'{row.Version}'")}, 'd', '{row.Type}', 's', 1, 'me', now(), 5, {row.Success});"))}
        """;

    /// <summary>Entity Framework Core with Npgsql.</summary>
    internal static string EFCore(string schema, params string[] migrations) => $"""
        CREATE TABLE {schema}."__EFMigrationsHistory" ("MigrationId" character varying(150) NOT NULL, "ProductVersion" character varying(32) NOT NULL, CONSTRAINT "PK___EFMigrationsHistory" PRIMARY KEY ("MigrationId"));
        {string.Concat(migrations.Select(migration => $"""INSERT INTO {schema}."__EFMigrationsHistory" ("MigrationId", "ProductVersion") VALUES ('{migration}', '8.0.0');"""))}
        """;

    /// <summary>Liquibase, on PostgreSQL: a changeset is id, author and filename.</summary>
    internal static string Liquibase(string schema, params (string Id, string Author, string Filename)[] changesets) => $"""
        CREATE TABLE {schema}.databasechangelog (
          ID VARCHAR(255) NOT NULL, AUTHOR VARCHAR(255) NOT NULL, FILENAME VARCHAR(255) NOT NULL, DATEEXECUTED TIMESTAMP WITHOUT TIME ZONE NOT NULL, ORDEREXECUTED INTEGER NOT NULL,
          EXECTYPE VARCHAR(10) NOT NULL, MD5SUM VARCHAR(35), DESCRIPTION VARCHAR(255), COMMENTS VARCHAR(255), TAG VARCHAR(255), LIQUIBASE VARCHAR(20), CONTEXTS VARCHAR(255), LABELS VARCHAR(255), DEPLOYMENT_ID VARCHAR(10));
        {string.Concat(changesets.Select((set, index) => $"INSERT INTO {schema}.databasechangelog VALUES ('{set.Id}', '{set.Author}', '{set.Filename}', now(), {index + 1}, 'EXECUTED', '8:c8701f1c', 'd', '', NULL, '4.9.1', NULL, NULL, '7731647864');"))}
        """;
}
