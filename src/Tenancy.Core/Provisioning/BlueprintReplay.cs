using System.Collections.Immutable;
using System.Globalization;
using Npgsql;
using Tenancy.Core.Catalog;
using Tenancy.Core.Catalog.Scratch;
using Tenancy.Core.Execution;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Core.Sql;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Provisioning;

/// <summary>Takes the blueprint of new tenants from a replay of the history in a scratch schema, once a run and database.</summary>
/// <param name="context">The run.</param>
/// <param name="graph">The revisions.</param>
/// <param name="address">The database.</param>
internal sealed class BlueprintReplay(RunContext context, RevisionGraph graph, DatabaseAddress address)
{
    /// <summary>Takes it.</summary>
    /// <param name="plan">What a new tenant needs.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <returns>The blueprint; or why tenants cannot be made from one.</returns>
    public async Task<(Blueprint? Blueprint, string? WhyNot)> ReadAsync(Plan plan, CancellationToken cancellation)
    {
        if (plan.Revisions.FirstOrDefault(NamesTenant) is { } naming)
        {
            return (null, $"{naming.Manifest.Title} writes ${{tenant.name}}, which differs from tenant to tenant");
        }

        if (plan.Revisions.FirstOrDefault(static step => step.Manifest.Requires.Any(static requirement => requirement.OnFail is OnFail.Skip or OnFail.MarkApplied)) is { } deciding)
        {
            return (null, $"what {deciding.Manifest.Title} requires decides whether it runs");
        }

        try
        {
            return await TakeAsync(plan, cancellation);
        }
        catch (Exception error) when (error is TenancyException or ManifestException or PostgresException && !cancellation.IsCancellationRequested)
        {
            return (null, error.Message);
        }
    }

    private static bool NamesTenant(RevisionStep step) => step.Manifest.Up
        .SelectMany(static operation => operation.Statements)
        .Concat(step.Manifest.Requires.Select(static requirement => requirement.Sql))
        .Any(static statement => statement.Template.Segments.Any(static segment => segment.Kind == SqlSegmentKind.TenantName));

    private async Task<(Blueprint? Blueprint, string? WhyNot)> TakeAsync(Plan plan, CancellationToken cancellation)
    {
        // A name that occurs nowhere else: what shows it was written by the tenant's name.
        var like = new SchemaTarget(MigrationScope.Tenant, "", string.Create(CultureInfo.InvariantCulture, $"tenant of {context.Request.RunId:N}"), address, []);
        SchemaSnapshot? empty = null;
        SchemaSnapshot? whole = null;
        ImmutableArray<SqlTemplate> rows = [];
        IReadOnlyList<string> filled = [];
        var scratchName = "";
        Exception? failed = null;
        var root = ReplayNode.Of(graph, [new(plan.To, ImmutableSortedDictionary<string, bool>.Empty)]);
        root.Targets.Add("");
        // Hooks run on every tenant itself.
        await new Replay(ScratchContext.Of(context, context.Project with { Hooks = new(null, null, null, null) }), address, like, new(null, context.Project.Owner), asksAll: true).RunAsync(
            root,
            async (node, connection, scratch) =>
            {
                var snapshot = await SnapshotReader.ReadAsync(connection, scratch.Name, cancellation);
                if (node == root)
                {
                    empty = snapshot;
                    return;
                }

                (whole, scratchName) = (snapshot, scratch.Name);
                (rows, filled) = await ReadRowsAsync(connection, scratch.Name, cancellation);
            },
            (_, error) => failed = error,
            cancellation);
        if (failed is not null || empty is null || whole is null)
        {
            return (null, failed?.Message ?? "the replay did not get there");
        }

        if (filled.Count > 0 && !plan.Revisions.Any(static step => step.Manifest.Data))
        {
            return (null, $"{string.Join(", ", filled)} {(filled.Count == 1 ? "has" : "have")} rows after the replay, and no revision says that every tenant has them (data: true)");
        }

        if (rows.Any(row => row.Segments.Any(segment => segment.Text.Contains(scratchName, StringComparison.Ordinal) || segment.Text.Contains(like.Name, StringComparison.Ordinal))))
        {
            return (null, "a row has the name of its own schema");
        }

        if (whole.Objects.Values.FirstOrDefault(item => item.Properties.Values.Any(value => value.Contains(scratchName, StringComparison.Ordinal))) is { } naming)
        {
            return (null, $"{naming} has the name of its own schema in a text");
        }

        return (BlueprintDefinition.Of(empty, whole, context.Project, [.. plan.Revisions.SelectMany(static step => step.Manifest.Touches)]) with { Rows = rows }, null);
    }

    private async Task<(ImmutableArray<SqlTemplate> Statements, IReadOnlyList<string> Tables)> ReadRowsAsync(NpgsqlConnection connection, string schema, CancellationToken cancellation)
    {
        CommandList commands = [];
        // Values as they are read again, and all of them.
        commands.Add("SELECT pg_catalog.set_config('DateStyle', 'ISO, YMD', true), pg_catalog.set_config('IntervalStyle', 'postgres', true), pg_catalog.set_config('extra_float_digits', '1', true), pg_catalog.set_config('row_security', 'off', true), pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true)");
        if (context.Project.Owner is { } owner)
        {
            commands.Add("SET LOCAL ROLE " + SqlIdentifier.Quote(owner));
        }

        await commands.ExecuteAsync(connection, cancellation);
        var read = await SchemaRows.ReadAsync(connection, schema, cancellation);
        commands.Clear();
        commands.Add("RESET ROLE");
        await commands.ExecuteAsync(connection, cancellation);
        return read;
    }
}
