using System.Globalization;
using Tenancy.Core.Planning;
using Tenancy.Core.Tenants;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;

namespace Tenancy.Core.Tests.Faults;

/// <summary>
/// A fleet with work of every kind: ordinary revisions, one that locks a shared table, one around a concurrent index, one with a new enum value, one that goes in batches; and a shared revision before and
/// one after them. Each transaction leaves a row in a table of its tenant, so that what was done twice, or half, shows (<see cref="Standing"/>).
/// </summary>
internal static class FaultFleet
{
    internal const int Rows = 60;

    internal const int BatchSize = 20;

    /// <summary>The number of stages of each revision, from the first.</summary>
    internal static readonly int[] Stages = [1, 1, 3, 2, 2, 1];

    internal const string Patient = "fleet: test\ntimeouts: {lock: 30s, tenant_lock: 2min, concurrent_lock: 2min}\nretries: {max: 30, pause: 20ms, longest_pause: 1s}";

    internal static MigrationRequest Four => new() { ThrottleLimit = 4 };

    internal static string Id(int revision) => string.Create(CultureInfo.InvariantCulture, $"fa00000{revision}");

    internal static Tenant[] Tenants(int count) => RetryTests.Tenants(count);

    internal static string[] Schemas(int count) => [.. Tenants(count).Select(static tenant => tenant.Schema)];

    /// <summary>Makes the tenants' schemas, and the shared one.</summary>
    internal static Task CreateSchemasAsync(this TestDatabase database, int tenants) =>
        database.ExecuteAsync("CREATE SCHEMA shared; " + string.Join("; ", Schemas(tenants).Select(static schema => "CREATE SCHEMA " + schema)));

    /// <summary>How to reach a database through something that stands before its server.</summary>
    internal static ConnectionSettings Through(this TestDatabase database, int port, int? direct = null) => new()
    {
        Host = "127.0.0.1",
        Port = port,
        Database = database.Name,
        Username = "postgres",
        DirectServer = direct is { } directPort ? string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{directPort}") : null,
    };

    internal static FleetProject WithEveryKind(this FleetProject project) => project
        .With("s1", """
            revision: 5a000001
            scope: shared
            down: {irreversible: not of interest}
            up:
              - create_table: {name: kind, columns: [{name: id, type: int, primary_key: true}]}
              - sql: INSERT INTO shared.kind VALUES (1)
            """)
        .With("s2", """
            revision: 5a000002
            parent: 5a000001
            scope: shared
            depends_on: [fa000006]
            down: {irreversible: not of interest}
            up:
              - sql: INSERT INTO shared.kind VALUES (2)
            """)
        .With("1", """
            revision: fa000001
            down: {irreversible: not of interest}
            up:
              - sql: |
                  CREATE TYPE tenant_schema.mood AS ENUM ('good');
                  CREATE TABLE tenant_schema.ledger (what text NOT NULL, mood tenant_schema.mood NOT NULL DEFAULT 'good');
                  CREATE TABLE tenant_schema.item (id int PRIMARY KEY, times int NOT NULL DEFAULT 0);
                  INSERT INTO tenant_schema.item SELECT generate_series(1, 60);
                  INSERT INTO tenant_schema.ledger VALUES ('1.1')
            """)
        .With("2", """
            revision: fa000002
            parent: fa000001
            depends_on: [5a000001]
            touches: [shared.kind]
            down: {irreversible: not of interest}
            up:
              - add_column: {table: item, name: kind, type: int}
              - sql: ALTER TABLE item ADD CONSTRAINT item_kind_fkey FOREIGN KEY (kind) REFERENCES shared.kind (id)
              - sql: INSERT INTO ledger VALUES ('2.1')
            """)
        .With("3", """
            revision: fa000003
            parent: fa000002
            down: {irreversible: not of interest}
            up:
              - sql: INSERT INTO ledger VALUES ('3.1')
              - create_index: {name: item_times_idx, table: item, columns: [times], concurrently: true}
              - sql: INSERT INTO ledger VALUES ('3.3')
            """)
        .With("4", """
            revision: fa000004
            parent: fa000003
            down: {irreversible: not of interest}
            up:
              - sql: INSERT INTO ledger VALUES ('4.1')
              - sql: ALTER TYPE mood ADD VALUE 'bad'
              - sql: INSERT INTO ledger VALUES ('4.2', 'bad')
            """)
        .With("5", """
            revision: fa000005
            parent: fa000004
            down: {irreversible: not of interest}
            up:
              - sql: INSERT INTO ledger VALUES ('5.1')
              - update: {table: item, set: {times: {sql: times + 1}}, where: times >= 0, batch: {key: id, size: 20}}
            """)
        .With("6", """
            revision: fa000006
            parent: fa000005
            down: {irreversible: not of interest}
            up:
              - sql: INSERT INTO ledger VALUES ('6.1')
            """);
}
