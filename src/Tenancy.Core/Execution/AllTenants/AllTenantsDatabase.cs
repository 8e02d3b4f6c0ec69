using System.Collections.Immutable;
using Tenancy.Core.Execution.Servers;
using Tenancy.Core.Execution.Waiting;
using Tenancy.Core.History;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Execution.AllTenants;

/// <summary>One database of a run in which all its tenants commit together: a rehearsal that is rolled back, then the transaction, held open until it is committed or rolled back.</summary>
internal sealed class AllTenantsDatabase : IAsyncDisposable
{
    private readonly MigrationRequest request;
    private readonly DatabaseSession session;
    private readonly RunPreparation preparation;
    private readonly ScopeTargets scopes;
    private readonly SchemaTarget shared;
    private readonly ImmutableArray<SchemaTarget> tenants;
    private FleetState? fleet;
    private AllTenantsTransaction? transaction;
    private IdleTransaction? held;
    private bool isBegun;
    private bool isCommitted;

    /// <summary>A database.</summary>
    public AllTenantsDatabase(
        Manifests.TenancyProject project, RevisionGraph graph, DatabaseConnector connector, MigrationRequest request, IRunLog log, DatabaseAddress address, IEnumerable<Tenant> members)
    {
        this.request = request;
        session = new(project, graph, connector, address) { Log = log };
        preparation = new(project, connector, request, log, session);
        scopes = ScopeTargets.Of(request, graph);
        shared = SchemaTarget.Shared(project.SharedSchema, address);
        tenants = [.. scopes.Tenants ? members.Select(tenant => SchemaTarget.Of(tenant, address)) : []];
    }

    /// <summary>The database.</summary>
    public DatabaseAddress Address => session.Address;

    /// <summary>The run's tenants in it; none where it works on the shared schema alone.</summary>
    public ImmutableArray<SchemaTarget> Tenants => tenants;

    /// <summary>What its work shares; null before it began.</summary>
    public RunContext? Context { get; private set; }

    /// <summary>The schemas, as far as they were brought; null before.</summary>
    public AllTenantsSchemas? Schemas { get; private set; }

    /// <summary>The heads of a schema before the run; none where they were not read yet.</summary>
    /// <param name="target">The schema.</param>
    public ImmutableArray<string> HeadsBefore(SchemaTarget target) => fleet?.Of(target.Scope, target.Schema).Heads ?? [];

    /// <summary>True where the transaction has something to commit.</summary>
    public bool HasWork => transaction is { Worked.Count: > 0 };

    /// <summary>True where it had.</summary>
    public bool HadWork => Schemas is { } schemas && schemas.Tenants.Prepend(schemas.Shared).Any(static part => part.Started is not null);

    /// <summary>Does everything but the COMMIT, and holds the transaction open.</summary>
    /// <param name="cancellation">Cancels the running statement and rolls back.</param>
    /// <exception cref="TenancyException">The database cannot be worked on so: a step needs a commit, the locks do not fit, an argument is missing.</exception>
    /// <exception cref="PartFailedException">A schema's part failed, or it cannot be planned for.</exception>
    public async Task ExecuteAsync(CancellationToken cancellation)
    {
        await session.PrepareAsync(cancellation);
        fleet = await session.ReadAsync(request.Direction, request.Scope, [.. tenants.Select(static target => target.Schema)], cancellation);
        PartFailedException? refused = null;
        var plans = preparation.FindPlans(tenants, fleet, (target, error) => refused ??= new(target, error));
        plans.ForEach(SingleTransaction.EnsurePossible);
        Context = await preparation.PrepareAsync(plans, fleet, cancellation);
        if (refused is not null)
        {
            throw refused;
        }

        if (plans.All(static plan => plan.Transactions.IsEmpty))
        {
            Schemas = AllTenantsSchemas.Of(Context, shared, tenants, fleet, RegisteredTenants.None(session.Graph));
            await (fleet.IsFlushed ? Task.CompletedTask : session.FlushAsync(cancellation));
            return;
        }

        await new RunHooks(Context, shared).RunBeforeAsync(fleet.Shared, cancellation);
        isBegun = true;
        try
        {
            await RehearseAsync(cancellation);
            transaction = await AllTenantsTransaction.BeginAsync(Context, shared, cancellation);
            await RunAsync(transaction, tenants, null, cancellation);
            held = new(transaction.Connection, Context.Project.Timeouts.Idle / 3);
        }
        catch (ForeignChangeException error)
        {
            var worked = transaction?.Worked ?? [];
            await RollBackAsync();
            throw await FindCulpritAsync([.. worked], error, cancellation);
        }
    }

    /// <summary>Makes sure that the transaction is still there, just before the first of several is committed.</summary>
    /// <exception cref="Npgsql.NpgsqlException">It is not.</exception>
    public Task CheckAsync() => held?.CheckAsync() ?? Task.CompletedTask;

    /// <summary>Commits; a lost connection's outcome is settled by history.</summary>
    /// <returns>Why it is not committed, or not known to be; null where it is.</returns>
    public async Task<MigrationFailure?> CommitAsync()
    {
        if (transaction is null)
        {
            return null;
        }

        await LetGoAsync();
        try
        {
            CommandList commands = [];
            TransactionCommands.AddCleanUp(commands, Context!);
            await TransactionalWork.CommitAsync(transaction.Connection, commands);
            isCommitted = true;
            return null;
        }
        catch (OutcomeUnknownException) when (HasWork)
        {
            Context!.Log.Verbose($"{Address}: the connection was lost at COMMIT; history says whether it happened.");
            var settled = await SettleAsync();
            isCommitted = settled is true;
            return settled switch
            {
                true => null,
                false => NotCommitted("the connection was lost before the transaction was committed"),
                null => new()
                {
                    ErrorId = "OutcomeUnknown",
                    Message = $"{Address}: the connection was lost while the transaction was being committed, and whether it was could not be found out since.",
                    RecommendedAction = "Run again when the server is there: history says then what was done.",
                },
            };
        }
        catch (Npgsql.PostgresException error)
        {
            return NotCommitted($"{error.MessageText} ({error.SqlState})");
        }
    }

    /// <summary>Runs the project's hook after the run, once everything is decided, be it that nothing could be done; not where the hook before it was not reached, or failed.</summary>
    /// <returns>A result for the shared schema if it failed, or null.</returns>
    public async Task<MigrationResult?> RunAfterAsync() => !isBegun ? null : await new RunHooks(Context!, shared).RunAfterAsync(isCommitted ? Schemas!.Shared.State : fleet!.Shared, CancellationToken.None);

    /// <summary>Rolls back what is open.</summary>
    public async Task RollBackAsync()
    {
        await LetGoAsync();
        if (transaction is not null)
        {
            await transaction.DisposeAsync();
            transaction = null;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await RollBackAsync();

    private async Task LetGoAsync()
    {
        if (held is not null)
        {
            await held.DisposeAsync();
            held = null;
        }
    }

    private async Task RehearseAsync(CancellationToken cancellation)
    {
        await using var rehearsal = await AllTenantsTransaction.BeginAsync(Context!, shared, cancellation);
        transaction = rehearsal;
        var budget = new LockBudget(Context!, rehearsal);
        await RunAsync(rehearsal, tenants, budget, cancellation);
        await budget.EnsureFitsAsync(Address, cancellation);
        transaction = null;
    }

    // State under the lock: what another run did until then is taken as it is.
    private async Task RunAsync(AllTenantsTransaction within, ImmutableArray<SchemaTarget> targets, LockBudget? budget, CancellationToken cancellation)
    {
        string[] schemas = [.. targets.Select(static target => target.Schema)];
        var current = await session.ReadAsync(within.Connection, schemas, cancellation);
        var registered = await RegisteredTenants.ReadAsync(within.Connection, session.History, Context!.Project, session.Graph, [], cancellation, schemas);
        var parts = AllTenantsSchemas.Of(Context, shared, targets, current, registered);
        Schemas = budget is null && targets == tenants ? parts : Schemas;
        await new AllTenantsRounds(Context, session.Graph, within, parts, budget).RunAsync(cancellation);
        await within.ProveAsync(cancellation);
    }

    // The locks of one transaction do not tell who took them, so each schema that had a part is tried alone, and rolled back. What ran among the others and fails alone is it too.
    private async Task<Exception> FindCulpritAsync(ImmutableArray<SchemaTarget> worked, ForeignChangeException found, CancellationToken cancellation)
    {
        foreach (var suspect in worked.OrderBy(target => target != shared).ThenBy(target => tenants.IndexOf(target)))
        {
            Context!.Log.Verbose($"{Address}: a part {found.Message}; {suspect} is tried alone.");
            await using var alone = await AllTenantsTransaction.BeginAsync(Context, shared, cancellation);
            try
            {
                await RunAsync(alone, suspect == shared ? [] : [suspect], null, cancellation);
            }
            catch (ForeignChangeException error)
            {
                return Blame(suspect, error);
            }
            catch (PartFailedException)
            {
                return Blame(suspect, found);
            }
        }

        return new TenancyException("PlacementViolation", $"{Address}: a part of the transaction {found.Message}, with everything else. Alone, no tenant does.", "Run with -Transaction PerTenant, which says who does.");

        static PartFailedException Blame(SchemaTarget suspect, ForeignChangeException error) => new(suspect, new TenancyException(
            "PlacementViolation",
            $"it {error.Message}, with everything else.",
            "Correct the manifest, or declare under 'touches' what it changes or locks there on purpose."));
    }

    private MigrationFailure NotCommitted(string why) => new()
    {
        ErrorId = "CommitFailed",
        Message = $"{Address}: COMMIT failed, and everything there was rolled back: {why}.",
        RecommendedAction = "Run again.",
    };

    // All or nothing: one row of the run's says that all are there. Null where nobody could be asked.
    private async Task<bool?> SettleAsync()
    {
        var patience = new LockPatience(Context!, shared);
        while (true)
        {
            try
            {
                return await session.HasDoneAsync(shared, Context!.Request.RunId);
            }
            catch (Exception error) when (error is Npgsql.PostgresException { SqlState: "TN001" } or TenancyException { ErrorId: "ConnectionFailed" or "ConnectionLost" })
            {
                // The backend of the lost connection may still hold the lock, and may still commit; or the server is restarting, perhaps.
                if (patience.IsExhausted)
                {
                    return null;
                }

                await patience.WaitAsync(CancellationToken.None);
            }
        }
    }
}
