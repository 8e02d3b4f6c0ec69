using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Npgsql;
using Tenancy.Core.Catalog.Scratch;
using Tenancy.Core.Execution;
using Tenancy.Core.Execution.Servers;
using Tenancy.Core.Execution.Waiting;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Provisioning;

/// <summary>Makes the new tenants of one database from a snapshot of what a replay of the history gives, many at once. Those that cannot be made so are left for a replay of their own, and it is said why.</summary>
/// <param name="database">The database.</param>
/// <param name="project">The project.</param>
/// <param name="graph">Its revisions.</param>
/// <param name="connector">Opens connections.</param>
/// <param name="request">Where the tenants are to be brought.</param>
/// <param name="log">Takes what is said.</param>
internal sealed class SnapshotTenants(ProvisionedDatabase database, TenancyProject project, RevisionGraph graph, DatabaseConnector connector, MigrationRequest request, IRunLog log)
{
    /// <summary>Tenants that are made in one transaction take, on all connections, so much of what is free in the lock table: the half.</summary>
    private const int LocksLeft = 2;

    /// <summary>Characters of rows that are sent to a tenant as a part of one command.</summary>
    private const int LongestRows = 1 << 20;

    private const string NotEqual = "NotEqual";
    private const string RowsRefused = "RowsRefused";

    private readonly DatabaseSession session = database.Session;
    private readonly List<Tenant> left = [];

    /// <summary>Those that must be made by a replay, once the sequence has ended.</summary>
    public IReadOnlyList<Tenant> Left => left;

    /// <summary>Makes tenants; first the shared schema comes where the request wants it.</summary>
    /// <param name="tenants">The tenants.</param>
    /// <param name="migrateShared">Brings the shared schema on.</param>
    /// <param name="cancellation">Cancels the running statements; a tenant that is not committed is not there.</param>
    public async IAsyncEnumerable<MigrationResult> CreateAsync(
        IReadOnlyList<Tenant> tenants, Func<CancellationToken, Task<IReadOnlyList<MigrationResult>>> migrateShared, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var fleet = await session.ReadAsync([], cancellation);
        if (HasSharedWork(fleet))
        {
            var results = await migrateShared(cancellation);
            if (results.Any(static result => result.Failure is not null))
            {
                // A run over the tenants will fail at it too, and say so for each.
                left.AddRange(tenants);
                yield break;
            }

            foreach (var result in results)
            {
                yield return result;
            }

            fleet = await session.ReadAsync([], cancellation);
        }

        var alike = new NewTenants(tenants.Select(tenant => SchemaTarget.Of(tenant, session.Address)));
        var (made, whyNot) = await PrepareAsync(fleet, alike, cancellation);
        if (made is null)
        {
            log.Verbose($"{session.Address}: new tenants are made by replaying the history: {whyNot}.");
            left.AddRange(tenants);
            yield break;
        }

        if (alike.Others.Count > 0)
        {
            var others = alike.Others.Select(static target => target.Schema).ToHashSet(StringComparer.Ordinal);
            log.Verbose($"{session.Address}: {others.Count} of the new tenants are made by replaying the history: what revisions require of them differs from what they require of the others.");
            left.AddRange(tenants.Where(tenant => others.Contains(tenant.Schema)));
            tenants = [.. tenants.Where(tenant => !others.Contains(tenant.Schema))];
        }

        var hooks = new RunHooks(made.Context, SchemaTarget.Shared(project.SharedSchema, session.Address));
        // A schema that is there already would break off the transaction of all that share it.
        var there = await session.ReadAsync([.. tenants.Select(static tenant => tenant.Schema)], cancellation);
        await hooks.RunBeforeAsync(fleet.Shared, cancellation);
        var (done, all) = (0, tenants.Count);
        List<Tenant> alone = [.. tenants.Where(tenant => there[tenant.Schema].Oid is not null)];
        tenants = [.. tenants.Where(tenant => there[tenant.Schema].Oid is null)];
        await foreach (var (few, results) in ParallelWork.RunAsync(Divide(made, tenants), request.ThrottleLimit, (few, _, token) => CreateAsync(made, few, token), cancellation))
        {
            if (results is null)
            {
                alone.AddRange(few);
            }

            foreach (var result in results ?? [])
            {
                log.Progress(new(session.Address.ToString(), ++done, all, result.Name));
                Telemetry.Count(result);
                yield return result;
            }
        }

        await foreach (var (tenant, result) in ParallelWork.RunAsync(alone, request.ThrottleLimit, (tenant, _, token) => CreateAsync(made, tenant, token), cancellation))
        {
            log.Progress(new(session.Address.ToString(), ++done, all, tenant.Name));
            if (result is null)
            {
                left.Add(tenant);
            }
            else
            {
                Telemetry.Count(result);
                yield return result;
            }
        }

        if (await hooks.RunAfterAsync(fleet.Shared, cancellation) is { } failed)
        {
            yield return failed;
        }
    }

    private bool HasSharedWork(FleetState fleet) => new RunPreparation(project, connector, request, log, session).FindPlans([], fleet).Any(static plan => !plan.Transactions.IsEmpty || !plan.Waiting.IsEmpty);

    private async Task<(Making? Making, string? WhyNot)> PrepareAsync(FleetState fleet, NewTenants tenants, CancellationToken cancellation)
    {
        var planner = new Planner(project, graph, request, MigrationScope.Tenant, SharedHeads.State(graph, fleet.Shared.Heads, fleet.Shared.Stages));
        var plan = planner.PlanFor(new SchemaState { Scope = MigrationScope.Tenant, Schema = "", Oid = 1 });
        if (!plan.Waiting.IsEmpty)
        {
            return (null, $"{plan.Waiting[0].Manifest.Title} waits for the shared schema");
        }

        if (plan.Revisions.IsEmpty)
        {
            return (null, "there are no revisions");
        }

        if (plan.Everything.Where(static part => part.Stages.Any(static stage => stage.Revision.Manifest.IsHook)).Any(static hook => !hook.IsTransactional || hook.Stages.Any(RevisionCheck.Decides)))
        {
            return (null, "a hook runs outside a transaction");
        }

        var context = await new RunPreparation(project, connector, request, log, session).PrepareAsync([plan], fleet, cancellation);
        var (blueprint, whyNot) = await new BlueprintReplay(context, graph, session.Address).ReadAsync(plan, tenants, cancellation);
        return blueprint is null ? (null, whyNot) : (new(context, plan, blueprint, tenants.Marked), null);
    }

    // Those that are made in one transaction, so that all connections have work; each alone where there are few, or where more is done to them than what their definition says.
    private IEnumerable<Tenant[]> Divide(Making made, IReadOnlyList<Tenant> tenants)
    {
        var size = Math.Max(1, (tenants.Count + request.ThrottleLimit - 1) / request.ThrottleLimit);
        return tenants.Chunk(database.IsSharded || !made.IsDefinitionAlone ? 1 : (int)Math.Clamp(made.Blueprint.Room / LocksLeft / request.ThrottleLimit, 1, size));
    }

    // Several in one transaction; null where that did not come to an end: then none of them is there.
    private async Task<(Tenant[] Tenants, IReadOnlyList<MigrationResult>? Results)> CreateAsync(Making made, Tenant[] tenants, CancellationToken cancellation)
    {
        if (tenants.Length == 1)
        {
            return (tenants, null);
        }

        var (started, clock) = (DateTime.UtcNow, Stopwatch.StartNew());
        try
        {
            await using var connection = await made.Context.Retries.OpenAsync(session.Address, cancellation);
            try
            {
                await new BlueprintTenants(database, made.Context, made.Blueprint, tenants).MakeAsync(connection, made.Proved, made.Plan.To, made.History, cancellation);
                connector.Wear(session.Address, connection, tenants.Length * made.Blueprint.Locks);
            }
            catch (OutcomeUnknownException error)
            {
                var target = SchemaTarget.Of(tenants[0], session.Address);
                await SettleAsync(made, target, new(made.Context, target), error, cancellation);
            }
            catch
            {
                await TransactionalWork.RollBackAsync(connection, TransactionCommands.FreeSessionLocks);
                throw;
            }
        }
        catch (Exception error) when (!cancellation.IsCancellationRequested)
        {
            log.Verbose(made.Context.Mask($"{session.Address}: {tenants.Length} new tenants could not be made together, and each is made alone: {error.Message}"));
            return (tenants, null);
        }

        List<MigrationResult> results = [.. tenants.Select(tenant => Result(made, tenant, null, started, clock))];
        foreach (var (tenant, result) in tenants.Zip(results))
        {
            Telemetry.TellTenant(default, SchemaTarget.Of(tenant, session.Address).Traced, result);
        }

        return (tenants, results);
    }

    private async Task<(Tenant Tenant, MigrationResult? Result)> CreateAsync(Making made, Tenant tenant, CancellationToken cancellation)
    {
        var target = SchemaTarget.Of(tenant, session.Address);
        var (started, clock) = (DateTime.UtcNow, Stopwatch.StartNew());
        using var span = Telemetry.StartTenant(target.Traced);
        MigrationFailure? failure = null;
        try
        {
            await made.Context.Retries.RunAsync(
                async token => await TryAsync(made, tenant, target, token),
                (error, pause) => log.Verbose(made.Context.Mask($"{target}: {error.Message}; tried again in {RetryPolicy.Told(pause)}.")),
                cancellation);
        }
        catch (Exception error) when (IsNoBlueprintFor(error, made.Blueprint) && !cancellation.IsCancellationRequested)
        {
            log.Warn(made.Context.Mask($"{target} is made by replaying the history, because it could not be made from the snapshot: {error.Message}"));
            return (tenant, null);
        }
        catch (Exception error) when (!cancellation.IsCancellationRequested)
        {
            failure = new FailureDescriber(made.Context).Describe(error, target);
        }

        var result = Result(made, tenant, failure, started, clock);
        span.End(result);
        return (tenant, result);
    }

    private MigrationResult Result(Making made, Tenant tenant, MigrationFailure? failure, DateTime started, Stopwatch clock) => new()
    {
        Name = tenant.Name,
        Schema = tenant.Schema,
        Database = session.Address.Database,
        Server = session.Address.Server.ToString(),
        Status = failure is null ? MigrationStatus.Migrated : MigrationStatus.Failed,
        Revisions = failure is null ? [.. made.Plan.Revisions.Select(static step => step.Manifest.Revision)] : [],
        To = failure is null ? [.. made.Plan.To] : [],
        Failure = failure,
        Started = started,
        Seconds = Math.Round(clock.Elapsed.TotalSeconds, 4),
        RunId = request.RunId,
        Labels = tenant.Labels,
    };

    // The definition's own statements; what was proved of it; a shared schema that has moved since it was taken.
    private static bool IsNoBlueprintFor(Exception error, Blueprint blueprint) => !TransientErrors.Is(error) && error switch
    {
        StatementException failed => blueprint.Holds(failed.Stage),
        PlacementException failed => blueprint.Holds(failed.Stage),
        TenancyException { ErrorId: NotEqual or RowsRefused } or PostgresException { SqlState: "TN008" } => true,
        _ => false,
    };

    private async Task<bool> TryAsync(Making made, Tenant tenant, SchemaTarget target, CancellationToken cancellation)
    {
        var patience = new LockPatience(made.Context, target);
        while (true)
        {
            try
            {
                await made.EnterGateAsync(cancellation);
                try
                {
                    await CommitAsync(made, tenant, target, cancellation);
                }
                finally
                {
                    made.LeaveGate();
                }

                return true;
            }
            catch (PostgresException error) when (error.SqlState == "TN001" && !cancellation.IsCancellationRequested)
            {
                await patience.WaitAsync(cancellation);
            }
            catch (OutcomeUnknownException error)
            {
                await SettleAsync(made, target, patience, error, cancellation);
                return true;
            }
        }
    }

    // History, read under the lock, says whether a COMMIT happened whose answer was lost.
    private async Task SettleAsync(Making made, SchemaTarget target, LockPatience patience, OutcomeUnknownException error, CancellationToken cancellation)
    {
        await patience.WaitAsync(cancellation);
        if (!(await session.ReadLockedAsync(target, cancellation)).Heads.SequenceEqual(made.Plan.To))
        {
            throw error.InnerException!;
        }
    }

    private async Task CommitAsync(Making made, Tenant tenant, SchemaTarget target, CancellationToken cancellation)
    {
        await using var connection = await made.Context.Retries.OpenAsync(target.Address, cancellation);
        try
        {
            var work = new BlueprintTenant(database, made.Context, target);
            CommandList begin = [];
            begin.Add(HistoryTransaction.BeginWriting);
            await begin.ExecuteAsync(connection, cancellation);
            await work.BeginAsync(connection, made.Proved, cancellation);
            await work.RunAsync(connection, made.Plan.Before, cancellation);
            await FillAsync(work, connection, made.Blueprint, cancellation);
            await work.ProveEqualAsync(connection, made.Blueprint, cancellation);
            if (made.Plan.After is { } after)
            {
                await work.EnterAsync(connection, cancellation);
                await work.RunAsync(connection, after, cancellation);
                await BlueprintTenant.LeaveAsync(connection, cancellation);
            }

            await work.CommitAsync(
                connection,
                made.Proved,
                tenant,
                made.Plan.To,
                made.History,
                source: null,
                cancellation);
            connector.Wear(session.Address, connection, made.Blueprint.Locks);
        }
        catch (Exception error) when (error is not OutcomeUnknownException)
        {
            await TransactionalWork.RollBackAsync(connection, TransactionCommands.FreeSessionLocks);
            throw;
        }
    }

    // Statements of the definition have a stage; rows, and keys that are checked at the end, have none.
    private static async Task FillAsync(BlueprintTenant work, NpgsqlConnection connection, Blueprint blueprint, CancellationToken cancellation)
    {
        try
        {
            await work.FillAsync(connection, blueprint, [], cancellation);
            await BlueprintTenant.LeaveAsync(connection, cancellation);
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.InsufficientPrivilege || error.SqlState.StartsWith("22", StringComparison.Ordinal) || error.SqlState.StartsWith("23", StringComparison.Ordinal))
        {
            throw new TenancyException(RowsRefused, $"its rows: {error.MessageText}", null, error);
        }
    }

    /// <param name="Context">The run.</param>
    /// <param name="Plan">What a new tenant needs.</param>
    /// <param name="Blueprint">What it is made from.</param>
    /// <param name="Marked">Revisions that are recorded as applied, and why.</param>
    private sealed record Making(RunContext Context, Plan Plan, Blueprint Blueprint, IReadOnlyDictionary<string, string> Marked)
    {
        /// <summary>What history is to say of each revision.</summary>
        public ImmutableArray<MadeRevision> History { get; } =
        [
            .. Plan.Revisions.Select(step => new MadeRevision(
                step.Manifest.Revision, step.Manifest.Checksum, Marked.TryGetValue(step.Manifest.Revision, out var why) ? PlanStage.MarkedMessage(why) : "not run: in the snapshot that the tenant was made from")),
        ];

        /// <summary>All stages, for what they declare to touch and what they depend on.</summary>
        public PlanTransaction Proved { get; } = new(
            [.. Plan.Everything.Concat(Blueprint.Parts).SelectMany(static part => part.Stages)],
            Plan.Transactions.Select(static part => part.OtherScope).FirstOrDefault(static other => other is not null));

        /// <summary>True where nothing is run on a tenant but its definition, which is short enough to be one command.</summary>
        public bool IsDefinitionAlone => Plan.Before is null && Plan.After is null && Blueprint.Rows.Sum(static row => (long)row.Source.Length) < LongestRows;

        // What locks tables of others is done for one after another.
        private bool HasGate => !Proved.Touches.IsEmpty;

        public Task EnterGateAsync(CancellationToken cancellation) => HasGate ? Context.TouchGate.WaitAsync(cancellation) : Task.CompletedTask;

        public void LeaveGate()
        {
            if (HasGate)
            {
                Context.TouchGate.Release();
            }
        }
    }
}
