using Tenancy.Core.Tests.Execution;

namespace Tenancy.Core.Tests.Provisioning;

/// <summary>The rich project, with rows that every tenant has and nothing that differs from tenant to tenant.</summary>
internal static class ProvisioningProject
{
    // Keys that point to rows behind them, a trigger that notes, sequences and identities that have moved, a materialised view.
    private const string Rows = """
        revision: rich0004
        parent: rich0003
        data: true
        up:
          - sql: |
              ALTER TABLE tenant_schema.log FORCE ROW LEVEL SECURITY;
              CREATE TABLE tenant_schema.pair (id int PRIMARY KEY, other int NOT NULL REFERENCES tenant_schema.pair DEFERRABLE INITIALLY DEFERRED, moods tenant_schema.mood[], at timestamptz, bits bytea, odd text, no_value int);
              CREATE TABLE tenant_schema.parted (id int GENERATED ALWAYS AS IDENTITY, place text) PARTITION BY LIST (place);
              CREATE TABLE tenant_schema.part_a PARTITION OF tenant_schema.parted FOR VALUES IN ('a');
              CREATE TABLE tenant_schema.part_b PARTITION OF tenant_schema.parted DEFAULT;
              CREATE TABLE tenant_schema.parent (id int, note text); CREATE TABLE tenant_schema.child (more int) INHERITS (tenant_schema.parent);
              CREATE TABLE tenant_schema.empty ();
              INSERT INTO tenant_schema.pair VALUES (1, 2, '{sad,NULL,ok}', '2024-02-29 12:00:00.123456+02', '\x00ff5c', E'it''s "odd" \\ \n$$', NULL), (2, 1, NULL, 'infinity', NULL, '', 3);
              INSERT INTO tenant_schema.empty DEFAULT VALUES;
              INSERT INTO tenant_schema.empty DEFAULT VALUES;
              INSERT INTO tenant_schema.parted (place) VALUES ('b'), ('a'), ('c');
              INSERT INTO tenant_schema.parent VALUES (1, 'p'); INSERT INTO tenant_schema.child VALUES (2, 'c', 3);
              INSERT INTO tenant_schema.person (email, first, manager, user_id) VALUES ('a@example.com', 'Ann', NULL, 1), ('b@example.com', 'Bob', 1, NULL);
              DELETE FROM tenant_schema.person WHERE first = 'Bob';
              INSERT INTO tenant_schema."Booking" (room, person, price) SELECT int4range(1, 5), id, 1.5 FROM tenant_schema.person;
              SELECT setval('${tenant.quoted}.number_seq', 1000);
              REFRESH MATERIALIZED VIEW tenant_schema.moods;
        down: {irreversible: not of interest}
        """;

    internal static FleetProject Create(TestDatabase database) =>
        RichProject.Create(database, "search_path", extensions: false, static text => text.Replace("'${tenant.schema}', 'log'", "TG_TABLE_SCHEMA, 'log'", StringComparison.Ordinal)).With("4-rows", Rows);

    /// <summary>All of a tenant's schema, its name taken out; and, where there is no pg_dump for the server, the names of NOT NULL constraints, which PostgreSQL 18 makes and keeps when a table is renamed.</summary>
    internal static async Task<string> DumpWithoutNameAsync(TestDatabase database, string schema) => WithoutName(await database.DumpAsync(schema), schema);

    /// <summary>The same of a dump.</summary>
    internal static string WithoutName(string dump, string schema) =>
        string.Join('\n', dump.Replace(schema, "the_schema", StringComparison.Ordinal).Split('\n').Where(static line => !line.Contains("_not_null: NOT NULL", StringComparison.Ordinal)));
}
