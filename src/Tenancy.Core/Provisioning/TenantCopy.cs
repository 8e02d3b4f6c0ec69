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
            async (connection, from) =>
            {
                unclear.Clear();
                state = await BeginAsync(connection, from, cancellation);
                await MakeAsync(connection, from, copy, target, state, withRows, unclear, cancellation);
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

    // The transaction sees what was committed before it took the lock; who held the lock last may have committed in between. Then it begins anew.
    private async Task<SchemaState> BeginAsync(NpgsqlConnection connection, SchemaTarget from, CancellationToken cancellation)
    {
        while (true)
        {
            CommandList begin = [];
            begin.Add("BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE");
            begin.AddSettings(context, from, project.Timeouts.Lock, project.Timeouts.Statement, isLocal: true);
            begin.Add($"SELECT {context.History.Quoted}.lock($1, $2, $3)", project.Fleet, from.ScopeName, from.Schema);
            await begin.ExecuteAsync(connection, cancellation);
            var seen = (await database.Session.ReadAsync(connection, [from.Schema], cancellation))[from.Schema];
            var now = (await database.Session.ReadAsync([from.Schema], cancellation))[from.Schema];
            if (seen.PlanKey == now.PlanKey && (seen.Oid, seen.Changed) == (now.Oid, now.Changed))
            {
                StateChecks.EnsureUsable(seen);
                return seen.Stages is not [.., { } mark]
                    ? seen
                    : throw new TenancyException("InProgress", $"schema {from.Schema} is in the middle of revision {mark.Revision}, and a copy could not be finished.", "Finish it with Invoke-TenantMigration first.");
            }

            await TransactionalWork.RollBackAsync(connection);
        }
    }

    private async Task MakeAsync(
        NpgsqlConnection connection, SchemaTarget from, Tenant copy, SchemaTarget target, SchemaState state, bool withRows, List<string> unclear, CancellationToken cancellation)
    {
        var whole = await SnapshotReader.ReadAsync(connection, from.Schema, cancellation);
        var work = new BlueprintTenant(database, context, target);
        try
        {
            await work.BeginAsync(connection, null, cancellation);
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.DuplicateSchema)
        {
            throw new TenancyException("SchemaExists", $"schema {target.Schema} exists already.", "Choose another schema for the copy.");
        }

        var steps = graph.UpgradePath(MigrationScope.Tenant, [], state.KnownHeads(graph));
        var empty = await SnapshotReader.ReadAsync(connection, target.Schema, cancellation);
        var blueprint = BlueprintDefinition.Of(empty, whole, project, [.. steps.SelectMany(static step => step.Manifest.Touches)]);
        await work.FillAsync(connection, blueprint, withRows ? await ReadStatementsAsync(connection, from.Schema, target.Schema, cancellation) : [], cancellation);
        await BlueprintTenant.LeaveAsync(connection, cancellation);
        await work.ProveEqualAsync(connection, blueprint, cancellation);
        unclear.AddRange(await NamesLeft.FindAsync(connection, work.State!.Oid!.Value, from.Schema, place => $"{target} is a copy, but {place.Where} may still name schema {from.Schema} ({place.What}). Look at it, and change it by hand if it does.", cancellation));
        await work.CommitAsync(
            connection,
            blueprint.Early is null && blueprint.Late is null ? null : new([.. new[] { blueprint.Early, blueprint.Late }.OfType<PlanTransaction>().SelectMany(static part => part.Stages)]),
            copy,
            state.Heads,
            [.. steps.Select(step => new MadeRevision(step.Manifest.Revision, step.Manifest.Checksum, $"not run: copied from schema {from.Schema}"))],
            cancellation);
    }

    private static async Task<List<string>> ReadStatementsAsync(NpgsqlConnection connection, string from, string to, CancellationToken cancellation)
    {
        List<string> statements = [];
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(EmbeddedSql.Read("copy_statements"), from, to);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            statements.Add(reader.GetString(0));
        }

        return statements;
    }
}
