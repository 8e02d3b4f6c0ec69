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
              CREATE TABLE tenant_schema.named (before int NOT NULL, kept int CONSTRAINT must NOT NULL); ALTER TABLE tenant_schema.named RENAME before TO after; ALTER TABLE tenant_schema.named ADD before int NOT NULL;
              ALTER TABLE tenant_schema.named RENAME TO called; CREATE TABLE tenant_schema.named (after int NOT NULL, before int NOT NULL);
              CREATE TABLE tenant_schema.like_called (LIKE tenant_schema.called INCLUDING ALL);
              CREATE TABLE tenant_schema.ancestor (a int NOT NULL); ALTER TABLE tenant_schema.ancestor RENAME a TO b; CREATE TABLE tenant_schema.descendant (c int NOT NULL) INHERITS (tenant_schema.ancestor);
              CREATE TABLE tenant_schema.divided (id int NOT NULL, place text) PARTITION BY LIST (place); CREATE TABLE tenant_schema.divided_1 PARTITION OF tenant_schema.divided DEFAULT; ALTER TABLE tenant_schema.divided RENAME id TO number;
              @newer@INSERT INTO tenant_schema.pair VALUES (1, 2, '{sad,NULL,ok}', '2024-02-29 12:00:00.123456+02', '\x00ff5c', E'it''s "odd" \\ \n$$', NULL), (2, 1, NULL, 'infinity', NULL, '', 3);
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

    // What PostgreSQL 18 has and 15 has not.
    private const string Newer = "CREATE TABLE tenant_schema.newer (a int, doubled int GENERATED ALWAYS AS (a * 2) VIRTUAL, CHECK (a > 0) NOT ENFORCED, CONSTRAINT alone NOT NULL a NO INHERIT); "
        + "CREATE TABLE tenant_schema.loose (a int); ALTER TABLE tenant_schema.loose ADD CONSTRAINT loose_a NOT NULL a NOT VALID; "
        + "CREATE TABLE tenant_schema.room (n int4range, at daterange, CONSTRAINT room_pk PRIMARY KEY (n, at WITHOUT OVERLAPS)); "
        + "CREATE TABLE tenant_schema.stay (n int4range, at daterange, FOREIGN KEY (n, PERIOD at) REFERENCES tenant_schema.room (n, PERIOD at)); "
        + "INSERT INTO tenant_schema.newer (a) VALUES (7); INSERT INTO tenant_schema.room VALUES ('[1,2)', '[2026-01-01,2027-01-01)'); INSERT INTO tenant_schema.stay VALUES ('[1,2)', '[2026-02-01,2026-03-01)'); ";

    internal static FleetProject Create(TestDatabase database) =>
        RichProject.Create(database, "search_path", extensions: false, static text => text.Replace("'${tenant.schema}', 'log'", "TG_TABLE_SCHEMA, 'log'", StringComparison.Ordinal)).With("4-rows", Rows.Replace("@newer@", database.Server.MajorVersion >= 18 ? Newer : "", StringComparison.Ordinal));

    /// <summary>All of a tenant's schema, its name taken out.</summary>
    internal static async Task<string> DumpWithoutNameAsync(TestDatabase database, string schema) => WithoutName(await database.DumpAsync(schema), schema);

    /// <summary>The same of a dump.</summary>
    internal static string WithoutName(string dump, string schema) => dump.Replace(schema, "the_schema", StringComparison.Ordinal);
}
