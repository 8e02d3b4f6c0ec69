using System.Diagnostics;
using Npgsql;
using Tenancy.Core.Catalog;
using Tenancy.Core.Execution;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Core.Sql;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Provisioning;

/// <summary>
/// Copies a tenant: the definition from a snapshot of its schema, with or without the rows, in one transaction under the locks of both. All of it is as one moment had it (repeatable read), proved equal, and nothing in it
/// points back.
/// </summary>
/// <param name="database">The database of both.</param>
/// <param name="context">What a run knows, with where the extensions are.</param>
/// <param name="graph">Its revisions.</param>
internal sealed class TenantCopy(ProvisionedDatabase database, RunContext context, RevisionGraph graph)
{
    private readonly TenancyProject project = context.Project;

    /// <summary>Copies.</summary>
    /// <param name="source">The tenant.</param>
    /// <param name="copy">What is to be made of it.</param>
    /// <param name="withRows">True to copy rows and where sequences stand; false for the definition alone.</param>
    /// <param name="cancellation">Cancels and rolls back.</param>
    /// <returns>What the copy ended with.</returns>
    public async Task<MigrationResult> CopyAsync(Tenant source, Tenant copy, bool withRows, CancellationToken cancellation)
    {
        var (started, clock) = (DateTime.UtcNow, Stopwatch.StartNew());
        var target = SchemaTarget.Of(copy, database.Session.Address);
        SchemaState? state = null;
        List<string> unclear = [];
        // It is the source that other runs are at work on, if any.
        var failure = await database.AttemptAsync(
            source,
            copy.Schema,
            "create",
            async (connection, from) =>
            {
                unclear.Clear();
                var read = new CopySource(database, context, from, withRows);
                state = await read.BeginAsync(connection, cancellation);
                await MakeAsync(connection, from, copy, target, state, read, unclear, cancellation);
            },
            cancellation);
        foreach (var found in failure is null ? unclear : [])
        {
            context.Log.Warn(found);
        }

        return new()
        {
            Name = copy.Name,
            Schema = copy.Schema,
            Database = target.Address.Database,
            Server = target.Address.Server.ToString(),
            Status = failure is null ? MigrationStatus.Migrated : MigrationStatus.Failed,
            To = failure is null ? [.. state!.Heads] : [],
            Failure = failure,
            Started = started,
            Seconds = Math.Round(clock.Elapsed.TotalSeconds, 4),
            RunId = context.Request.RunId,
            Labels = copy.Labels,
        };
    }

    // What the source points to the copy does too, whether a manifest declares it or not: the tenant may be adopted, or the key made by hand.
    private static async Task<List<Touch>> ReadPointedToAsync(NpgsqlConnection connection, string schema, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(EmbeddedSql.Read("relations_pointed_to"), schema);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        List<Touch> touches = [];
        while (await reader.ReadAsync(cancellation))
        {
            touches.Add(new(reader.GetString(0), reader.GetString(1)));
        }

        return touches;
    }

    private Blueprint Define(SchemaSnapshot empty, SchemaSnapshot whole, IEnumerable<Touch> touches)
    {
        try
        {
            return BlueprintDefinition.Of(empty, whole, project, [.. touches], earlyKeys: new HashSet<ObjectIdentity>());
        }
        catch (TenancyException error) when (error.ErrorId == "Inexpressible")
        {
            throw new TenancyException(error.ErrorId, error.Message, "Take it out of the source, or mend it there. New-Tenant makes a tenant without the source's rows, and replays the history where it must.", error);
        }
    }

    private async Task MakeAsync(
        NpgsqlConnection connection, SchemaTarget from, Tenant copy, SchemaTarget target, SchemaState state, CopySource read, List<string> unclear, CancellationToken cancellation)
    {
        var whole = await SnapshotReader.ReadAsync(connection, from.Schema, cancellation);
        var statements = await read.ReadStatementsAsync(connection, target.Schema, cancellation);
        var names = await NotNullNames.ReadAsync(connection, from.Schema, cancellation);
        var work = new BlueprintTenant(database, context, target);
        try
        {
            await work.BeginAsync(connection, null, cancellation);
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.DuplicateSchema)
        {
            throw new TenancyException("SchemaExists", $"schema {target.Schema} exists already.", "Choose another schema for the copy.");
        }

        // The snapshot may be older than whoever has the name now; from here on nobody takes it.
        if ((await TakenNames.FindAsync(database, [copy], cancellation)).Values.FirstOrDefault() is { } taken)
        {
            throw new TenancyException(taken.ErrorId, taken.Message, taken.RecommendedAction!);
        }

        CommandList name = [];
        name.Add("SELECT pg_catalog.set_config('application_name', $1, true)", context.ApplicationName(from));
        await name.ExecuteAsync(connection, cancellation);
        var steps = graph.UpgradePath(MigrationScope.Tenant, [], state.KnownHeads(graph));
        var empty = await SnapshotReader.ReadAsync(connection, target.Schema, cancellation);
        var pointedTo = await ReadPointedToAsync(connection, from.Schema, cancellation);
        var blueprint = Define(empty, whole, steps.SelectMany(static step => step.Manifest.Touches).Concat(pointedTo)) with { Names = names };
        await work.FillAsync(connection, blueprint, statements, cancellation);
        await BlueprintTenant.LeaveAsync(connection, cancellation);
        await work.ProveEqualAsync(connection, blueprint, cancellation);
        unclear.AddRange(await NamesLeft.FindAsync(connection, work.State!.Oid!.Value, from.Schema, place => $"{target} is a copy, but {place.Where} may still name schema {from.Schema} ({place.What}). Look at it, and change it by hand if it does.", cancellation));
        if (ChildColumns.FindReordered(whole) is { } child)
        {
            unclear.Add($"{target} is a copy, but columns of {child} come in another order than in the source, as in a partition or inheriting table that is made anew. It matters to what does not name them.");
        }

        await work.CommitAsync(
            connection,
            blueprint.Parts.Any() ? new([.. blueprint.Parts.SelectMany(static part => part.Stages)]) : null,
            copy,
            state.Heads,
            [.. steps.Select(step => new MadeRevision(step.Manifest.Revision, step.Manifest.Checksum, $"not run: copied from schema {from.Schema}"))],
            from.Schema,
            cancellation);
    }
}
