using System.Collections.Immutable;
using Tenancy.Core.Catalog;
using Tenancy.Core.Catalog.Scratch;
using Tenancy.Core.Execution;
using Tenancy.Core.Execution.Servers;
using Tenancy.Core.Manifests;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Authoring.Autogenerate;

/// <summary>How a schema is to be, read from wherever that is said.</summary>
/// <param name="Name">Where.</param>
/// <param name="Shape">The schema, own names bare.</param>
/// <param name="Scratch">The scratch schema that has it; null for a live schema.</param>
/// <param name="SaysGrants">True where anything is said of privileges.</param>
/// <param name="SaysOwners">True where anything is said of owners.</param>
/// <param name="Notes">What was left out.</param>
internal sealed record DesiredShape(string Name, SchemaSnapshot Shape, ScratchSchema? Scratch, bool SaysGrants, bool SaysOwners, ImmutableArray<string> Notes)
{
    private const string Suffix = "desired";
    private const string Populated = "with_data";

    /// <summary>A schema as it counts. The queries of materialized views are not run for a dump, and one without rows does not say whether they were: there they are as PostgreSQL makes them.</summary>
    /// <param name="shape">The schema, read from <see cref="Scratch"/>.</param>
    /// <param name="isDump">True for a dump.</param>
    public static SchemaSnapshot Counted(SchemaSnapshot shape, bool isDump) => !isDump ? shape : new(
        shape.Objects.Values.Select(static item => item[Populated] is null ? item : new CatalogObject { Identity = item.Identity, Properties = item.Properties.Remove(Populated), Position = item.Position, ActualName = item.ActualName }),
        shape.Dependencies);

    /// <summary>Reads it; SQL is loaded into a scratch schema.</summary>
    /// <param name="source">Where it is said.</param>
    /// <param name="context">The run.</param>
    /// <param name="session">The specimen's database.</param>
    /// <param name="scratch">The transaction with the scratch schemas.</param>
    /// <param name="specimen">The specimen.</param>
    /// <param name="filter">What does not count: of what privileges and owners name, nothing is run.</param>
    /// <param name="cancellation">Cancels.</param>
    public static async Task<DesiredShape> ReadAsync(
        DesiredSource source, RunContext context, DatabaseSession session, ScratchTransaction scratch, SchemaTarget specimen, ShapeFilter filter, CancellationToken cancellation)
    {
        if (source is DesiredSource.Live live)
        {
            return await ReadLiveAsync(live.Schema, context, specimen, scratch, cancellation);
        }

        if (source is DesiredSource.Shape known)
        {
            return new(known.Name, known.Snapshot, null, SaysGrants: true, SaysOwners: true, []);
        }

        var members = await ExtensionMembers.ReadAsync(scratch.Connection, cancellation);
        var sql = source switch
        {
            DesiredSource.Files files => DesiredSqlReader.ReadFiles(files.Paths, context.Project.Tokens, context.Project.SharedSchema, files.Schema, members),
            DesiredSource.Dump dump => DesiredSqlReader.ReadDump(dump.Path, context.Project.SharedSchema, dump.Schema, members),
            _ => throw new ArgumentException("There is no such source.", nameof(source)),
        };
        sql = sql.Without(filter.IgnoresGrants, filter.IgnoresOwners);
        var schema = await scratch.CreateAsync(specimen, Suffix, cancellation);
        await new ScratchLoad(context, session, scratch, schema).RunAsync(sql, cancellation);
        return new(Shown(source, context.Project), Counted(await scratch.Snapshots.ReadAsync(schema.Name, cancellation), sql.IsDump), schema, sql.SaysGrants, sql.SaysOwners, sql.LeftOut);
    }

    // It stands in the manifest: no path of somebody's machine.
    private static string Shown(DesiredSource source, TenancyProject project)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(project.Path))!;
        IEnumerable<string> paths = source switch { DesiredSource.Files files => files.Paths, DesiredSource.Dump dump => [dump.Path], _ => [] };
        return string.Join(", ", paths.Select(path => Path.GetRelativePath(folder, path) is var inside && !inside.StartsWith("..", StringComparison.Ordinal) && !Path.IsPathRooted(inside)
            ? inside.Replace('\\', '/')
            : Path.GetFileName(Path.TrimEndingDirectorySeparator(path))));
    }

    private static async Task<DesiredShape> ReadLiveAsync(Tenant tenant, RunContext context, SchemaTarget specimen, ScratchTransaction scratch, CancellationToken cancellation)
    {
        var address = tenant.Database is null && tenant.Server is null ? specimen.Address : context.Connector.Locate(tenant);
        SchemaSnapshot shape;
        if (address == specimen.Address)
        {
            shape = await scratch.Snapshots.ReadAsync(tenant.Schema, cancellation);
        }
        else
        {
            shape = await ReadOnlySession.RunAsync(
                context.Connector, address, connection => SnapshotReader.ReadAsync(connection, tenant.Schema, cancellation),
                error => new("DesiredSchemaNotRead", $"Schema {tenant.Schema} of {address} cannot be read: {error.MessageText} ({error.SqlState}).", "Check the rights of the role there.", error), cancellation);
        }

        bool Says(params string[] properties) => shape.Objects.Values.Any(item => properties.Any(item.Properties.ContainsKey));
        return new($"schema {tenant.Schema} of {address}", shape, null, Says("grants", "revokes"), Says("owner"), []);
    }
}
