using Tenancy.Core.Catalog.Drift;
using Tenancy.Core.Execution;
using Tenancy.Core.Tenants;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;

namespace Tenancy.Core.Tests.Catalog.Drift;

/// <summary>A project whose tenants are compared.</summary>
internal static class DriftProject
{
    /// <summary>Three revisions: two tables with most of what a table has, an index built concurrently, a key between tenants' tables and the shared one.</summary>
    internal static async Task<FleetProject> CreateAsync(TestDatabase database)
    {
        await database.ExecuteAsync("CREATE SCHEMA shared");
        return Write(new(database));
    }

    /// <summary>Writes its manifests.</summary>
    internal static FleetProject Write(FleetProject project) => project
        .With("s", """
            revision: bbbb0001
            scope: shared
            up:
              - create_table: {name: country, columns: [{name: code, type: text, primary_key: true}]}
            """)
        .With("1", """
            revision: aaaa0001
            depends_on: [bbbb0001]
            touches: [shared.country]
            up:
              - create_table:
                  name: customer
                  columns:
                    - {name: id, type: bigint, identity: by default, primary_key: true}
                    - {name: email, type: text, nullable: false}
                    - {name: country, type: text, references: {table: shared.country, column: code}}
                    - {name: points, type: integer, nullable: false, default: "0"}
              - sql: ALTER TABLE tenant_schema.customer ADD CHECK (points >= 0), ADD UNIQUE (email)
                undo: SELECT 1
            """)
        .With("2", """
            revision: aaaa0002
            parent: aaaa0001
            up:
              - create_table: {name: invoice, columns: [{name: id, type: bigint, primary_key: true}, {name: customer_id, type: bigint, references: {table: customer, column: id}}, {name: total, type: "numeric(12,2)"}]}
              - create_index: {name: invoice_customer_idx, table: invoice, columns: [customer_id], concurrently: true}
            """)
        .With("3", """
            revision: aaaa0003
            parent: aaaa0002
            up:
              - create_sequence: {name: number}
              - sql: INSERT INTO tenant_schema.customer (email, points) VALUES ('nobody@example.com', 1)
                undo: DELETE FROM tenant_schema.customer
            """);

    /// <summary>Makes tenants and brings them somewhere.</summary>
    internal static async Task MigrateAsync(this FleetProject project, string to, params string[] schemas)
    {
        await using var fleet = project.Open();
        foreach (var result in await fleet.CreateTenantsAsync(FleetProject.Tenants(schemas), new() { To = to }, project.Log).ToListAsync())
        {
            Xunit.Assert.Null(result.Error);
        }
    }

    internal static async Task<List<SchemaComparison>> CompareAsync(this FleetProject project, IReadOnlyList<Tenant> tenants, ComparisonRequest? request = null)
    {
        await using var fleet = project.Open();
        return await fleet.CompareSchemasAsync(tenants, request ?? new(), project.Log).ToListAsync();
    }

    internal static Task<List<SchemaComparison>> CompareAsync(this FleetProject project, params string[] schemas) => project.CompareAsync(FleetProject.Tenants(schemas));

    /// <summary>Writes the manifests that repair tenants; their paths.</summary>
    internal static Task<List<string>> RepairAsync(this FleetProject project, params string[] tenants) => project.RepairAsync(new ComparisonRequest(), tenants);

    /// <summary>The same with what is asked.</summary>
    internal static Task<List<string>> RepairAsync(this FleetProject project, ComparisonRequest request, params string[] tenants) => RepairAsync(project.Folder, project.Connection, project.Log, request, tenants);

    /// <summary>The same of a project's folder.</summary>
    internal static async Task<List<string>> RepairAsync(string folder, ConnectionSettings connection, IRunLog log, ComparisonRequest request, params string[] tenants)
    {
        await using var fleet = Fleet.Open(folder, connection);
        List<string> paths = [];
        foreach (var shape in await fleet.FindDriftAsync(FleetProject.Tenants(tenants), request, log, static failed => throw new InvalidOperationException(failed.Error)))
        {
            var (result, manifest) = await fleet.MakeRepairAsync(shape, request, new(), RepairRenames.None, log);
            Xunit.Assert.True(result.IsProved);
            manifest!.Write();
            paths.Add(manifest.Path);
        }

        return paths;
    }

    /// <summary>A result in one line.</summary>
    internal static string Describe(SchemaComparison comparison) =>
        $"{comparison.Name} {comparison.Status}{(comparison.Failure is { } failure ? $" {failure.ErrorId}" : "")}{string.Concat(comparison.Differences.Select(static difference => $"; {difference}"))}";
}
