using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Tenancy.Core.History;
using Tenancy.Core.Planning;
using Tenancy.Model;

namespace Tenancy.Core.Execution.AllTenants;

/// <summary>
/// What one transaction of all tenants will cost, from a rehearsal of each distinct plan on one tenant: entries of the lock table, which are held until COMMIT, and the time for which
/// the first tenant is blocked. The table is shared by all sessions and sized when the server starts; it has some more room than it promises, so what fits, fits.
/// </summary>
/// <param name="context">The run.</param>
/// <param name="transaction">The rehearsal's transaction.</param>
internal sealed class LockBudget(RunContext context, AllTenantsTransaction transaction)
{
    private readonly List<Cost> costs = [];
    private readonly Dictionary<Plan, Cost> last = new(ReferenceEqualityComparer.Instance);
    private long? common;

    /// <summary>Runs a plan's part on a schema, and takes what it costs.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="state">The schema's state.</param>
    /// <param name="part">Runs the part.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<TransactionOutcome> MeasureAsync(Plan plan, SchemaState state, Func<Task<TransactionOutcome>> part, CancellationToken cancellation)
    {
        var before = await CountAsync(state, cancellation);
        var clock = Stopwatch.StartNew();
        var outcome = await part();
        var seconds = clock.Elapsed.TotalSeconds;
        var after = await CountAsync(state, cancellation);
        common = (common ?? before.All) + after.Common - before.Common;
        costs.Add(last[plan] = new(Math.Max(0, after.All - before.All - (after.Common - before.Common)), seconds));
        return outcome;
    }

    /// <summary>Takes another schema of a plan, at the cost of the one measured last.</summary>
    /// <param name="plan">The plan.</param>
    public void Repeat(Plan plan) => last[plan].Count++;

    /// <summary>Refuses what does not fit, and says how long it will take. Inside the rehearsal's transaction.</summary>
    /// <param name="address">The database.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException"><c>LockBudget</c>, with the figures.</exception>
    public async Task EnsureFitsAsync(Tenants.DatabaseAddress address, CancellationToken cancellation)
    {
        CommandList commands = [];
        commands.Add(context.History.File("lock_capacity"));
        await using var batch = commands.ToBatch(transaction.Connection);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        var table = await LockTable.ReadAsync(reader, cancellation);
        var schemas = costs.Sum(static cost => cost.Count);
        var own = (common ?? 0) + costs.Sum(static cost => cost.Locks * cost.Count);
        var seconds = costs.Sum(static cost => cost.Seconds * cost.Count);
        var figures = string.Create(
            CultureInfo.InvariantCulture,
            $"{address}: one transaction on {schemas} schema{(schemas == 1 ? "" : "s")} needs about {own} locks; {table.Figures}");
        if (!table.Fits(own))
        {
            throw new TenancyException(
                "LockBudget",
                $"{figures}. Nothing was run.",
                $"Set {table.SettingFor(own)} and restart the server, give fewer tenants at a time, or use -Transaction PerTenant.");
        }

        context.Log.Verbose(figures + ".");
        context.Log.Warn(string.Create(
            CultureInfo.InvariantCulture,
            $"{address}: what the first tenant has locked stays locked until the last is done, for about {seconds:0.0} s: {schemas} schema{(schemas == 1 ? "" : "s")} in one transaction."));
    }

    private async Task<(long All, long Common)> CountAsync(SchemaState state, CancellationToken cancellation)
    {
        CommandList commands = [];
        commands.Add(context.History.File("count_locks"), state.Oid!.Value.ToString(CultureInfo.InvariantCulture));
        await using var batch = commands.ToBatch(transaction.Connection);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return (reader.GetInt64(0), reader.GetInt64(1));
    }

    private sealed record Cost(long Locks, double Seconds)
    {
        public int Count { get; set; } = 1;
    }
}
