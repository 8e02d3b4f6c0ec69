using System.Globalization;
using Npgsql;
using Tenancy.Core.Execution;
using Tenancy.Core.History;
using Tenancy.Core.Sql;
using Tenancy.Model;

namespace Tenancy.Core.Provisioning;

/// <summary>
/// Drops tenants' schemas in one database. What fits into a part of the server's lock table goes in one transaction; a larger schema goes in steps, the objects first, each step in a
/// transaction of its own and proved. A mark in the registry says that a removal is begun: nothing migrates such a tenant, and the next removal goes on with it.
/// </summary>
/// <param name="database">The database.</param>
internal sealed class TenantRemoval(ProvisionedDatabase database)
{
    // The table is shared by all sessions, whose own locks come and go.
    private const int PartOfLockTable = 4;
    private const int FewestLocks = 32;
    private const int SmallestPart = 1024;

    private readonly RunContext context = database.Context;

    /// <summary>Forgets where a tenant was, and leaves its schema.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="cancellation">Cancels and rolls back.</param>
    /// <returns>What went wrong, or null.</returns>
    public Task<MigrationFailure?> ForgetAsync(Tenant tenant, CancellationToken cancellation) => database.AttemptAsync(tenant, tenant.Schema, "remove", async (connection, target) =>
    {
        CommandList commands = [];
        commands.AddLockedBegin(context, target);
        AddUnregister(commands, target);
        await commands.ExecuteAsync(connection, cancellation);
        await TransactionalWork.CommitAsync(connection);
    }, cancellation);

    /// <summary>Drops a tenant's schema and forgets where it was. Refuses where the drop would take objects of other schemas with it.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="cancellation">Cancels and rolls back; the next removal goes on.</param>
    /// <returns>What went wrong, or null.</returns>
    public async Task<MigrationFailure?> RemoveAsync(Tenant tenant, CancellationToken cancellation)
    {
        var isDone = false;
        var isBegun = false;
        for (var part = PartOfLockTable; ;)
        {
            var failure = await database.AttemptAsync(
                tenant,
                tenant.Schema,
                "remove",
                async (connection, target) =>
                {
                    try
                    {
                        var state = await BeginAsync(connection, target, part, cancellation);
                        isBegun = state.IsBegun;
                        isDone = state.FitsOneStep;
                        if (state.Oid is not null && !isBegun)
                        {
                            await RefuseDependentsAsync(connection, target, cancellation);
                        }

                        await (isDone ? FinishAsync(connection, target, state, cancellation) : isBegun ? StepAsync(connection, target, state, cancellation) : MarkAsync(connection, target, state, cancellation));
                    }
                    catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.OutOfMemory && part < SmallestPart)
                    {
                        // Others have filled the table meanwhile.
                        await TransactionalWork.RollBackAsync(connection);
                        (part, isDone) = (part * 2, false);
                        context.Log.Verbose($"The lock table is full; '{tenant.Name}' is removed in smaller steps.");
                    }
                },
                cancellation);
            if (failure is not null)
            {
                return isBegun
                    ? failure with { Message = failure.Message + " Its removal is begun, and a part of it is gone.", RecommendedAction = failure.RecommendedAction + " Then run Remove-Tenant again, which goes on." }
                    : failure;
            }
            else if (isDone)
            {
                return null;
            }
        }
    }

    private async Task<RemovalState> BeginAsync(NpgsqlConnection connection, SchemaTarget target, int part, CancellationToken cancellation)
    {
        CommandList commands = [];
        commands.AddLockedBegin(context, target);
        await commands.ExecuteAsync(connection, cancellation);
        await RefuseOtherFleetAsync(connection, target, cancellation);

        await using var batch = new NpgsqlBatch(connection);
        batch.Add(context.History.File("lock_capacity"));
        batch.Add(context.History.File("read_removal"), context.Project.Fleet, target.Schema);
        batch.Add(EmbeddedSql.Read("members_elsewhere"), target.Schema);
        batch.Add(EmbeddedSql.Read("removal_steps"), target.Schema);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        var room = Math.Max(FewestLocks, (await LockTable.ReadAsync(reader, cancellation)).Free / part);
        await reader.NextResultAsync(cancellation);
        await reader.ReadAsync(cancellation);
        var state = new RemovalState(await reader.IsDBNullAsync(0, cancellation) ? null : reader.GetFieldValue<uint>(0), reader.GetBoolean(1), room, []);
        await reader.NextResultAsync(cancellation);
        List<string> extensions = [];
        while (await reader.ReadAsync(cancellation))
        {
            extensions.Add(reader.GetString(0));
        }

        if (extensions.Count > 0)
        {
            throw new TenancyException(
                "ExtensionMember",
                $"schema {target.Schema} has, or is, what belongs to {string.Join(", ", extensions)}: PostgreSQL drops that with the extension only.",
                "Drop the extension first, or take it out with ALTER EXTENSION … DROP ….");
        }

        await reader.NextResultAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            state.Drops.Add((await reader.IsDBNullAsync(0, cancellation) ? null : reader.GetString(0), reader.GetInt64(1)));
        }

        return state;
    }

    // Before anything is gone: a step would find it later and stop half way. What lies in no schema is asked for nowhere else.
    private async Task RefuseDependentsAsync(NpgsqlConnection connection, SchemaTarget target, CancellationToken cancellation)
    {
        SortedSet<string> outside = new(StringComparer.Ordinal);
        await using (var batch = new NpgsqlBatch(connection))
        {
            batch.Add(context.History.File("dependents_outside"), target.Schema);
            await using var reader = await batch.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                outside.Add(await reader.IsDBNullAsync(0, cancellation) ? reader.GetString(1) + " (in no schema)" : $"{reader.GetString(0)}.{reader.GetString(1)}");
            }
        }

        Refuse(target, outside);
    }

    private async Task MarkAsync(NpgsqlConnection connection, SchemaTarget target, RemovalState state, CancellationToken cancellation)
    {
        context.Log.Verbose(string.Create(CultureInfo.InvariantCulture, $"{target} has more than one transaction may lock: it is removed in steps, {state.Drops.Count} objects first."));
        CommandList commands = [];
        commands.Add(context.History.File("begin_removal"), context.Project.Fleet, target.Schema, target.Name, Text(state.Oid!.Value), context.Request.RunId, ToolVersion.Text);
        await TransactionalWork.CommitAsync(connection, commands);
    }

    private async Task StepAsync(NpgsqlConnection connection, SchemaTarget target, RemovalState state, CancellationToken cancellation)
    {
        var room = state.Room;
        List<string> drops = [];
        foreach (var (statement, locks) in state.Drops.Where(static drop => drop.Statement is not null))
        {
            if (drops.Count > 0 && room < locks)
            {
                break;
            }

            room -= locks;
            drops.Add(statement!);
        }

        await DropAsync(connection, target, drops, cancellation);
        await TransactionalWork.CommitAsync(connection);
        context.Log.Verbose(string.Create(CultureInfo.InvariantCulture, $"{target}: {state.Drops.Count - drops.Count} objects are left."));
    }

    private async Task FinishAsync(NpgsqlConnection connection, SchemaTarget target, RemovalState state, CancellationToken cancellation)
    {
        if (state.Oid is not null)
        {
            await DropAsync(connection, target, [$"DROP SCHEMA {SqlIdentifier.Quote(target.Schema)} CASCADE"], cancellation);
        }

        CommandList commands = [];
        AddUnregister(commands, target);
        await TransactionalWork.CommitAsync(connection, commands);
    }

    private async Task DropAsync(NpgsqlConnection connection, SchemaTarget target, List<string> drops, CancellationToken cancellation)
    {
        CommandList commands = [];
        PlacementProof.AddBefore(commands, context);
        foreach (var drop in drops)
        {
            context.Log.Debug(drop);
            commands.Add(drop);
        }

        commands.Add(context.History.File("dropped_objects"), target.Schema);
        SortedSet<string> outside = new(StringComparer.Ordinal);
        await using (var batch = commands.ToBatch(connection))
        {
            await using var reader = await batch.ExecuteReaderAsync(cancellation);
            do
            {
                while (reader.FieldCount == 2 && reader.GetName(0) == "dropped_schema" && await reader.ReadAsync(cancellation))
                {
                    outside.Add($"{reader.GetString(0)}.{reader.GetString(1)}");
                }
            }
            while (await reader.NextResultAsync(cancellation));
        }

        Refuse(target, outside);
    }

    private static void Refuse(SchemaTarget target, SortedSet<string> outside)
    {
        if (outside.Count > 0)
        {
            throw new TenancyException("DependentObjects", $"dropping schema {target.Schema} would drop what lies outside it and depends on it: {string.Join(", ", outside)}.", "Drop or change these first.");
        }
    }

    private async Task RefuseOtherFleetAsync(NpgsqlConnection connection, SchemaTarget target, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(context.History.File("other_fleets"), context.Project.Fleet, target.Schema);
        if (await batch.ExecuteScalarAsync(cancellation) is string other)
        {
            throw new TenancyException("OtherFleet", $"schema {target.Schema} belongs to the fleet '{other}' too.", "Remove it there first, with -KeepSchema, or only here with -KeepSchema.");
        }
    }

    private void AddUnregister(CommandList commands, SchemaTarget target) => commands.Add(
        context.History.File("unregister"), context.Project.Fleet, target.Schema, target.Name, context.Request.RunId, ToolVersion.Text);

    private static string Text(uint oid) => oid.ToString(CultureInfo.InvariantCulture);

    /// <param name="Oid">The schema; null where it is gone.</param>
    /// <param name="IsBegun">True where a removal of this very schema was begun.</param>
    /// <param name="Room">How many locks one transaction may take.</param>
    /// <param name="Drops">What is left of it, in order, with the locks that each takes at the most; no statement where it goes with the schema only.</param>
    private sealed record RemovalState(uint? Oid, bool IsBegun, long Room, List<(string? Statement, long Locks)> Drops)
    {
        public bool FitsOneStep => Oid is null || Drops.Sum(static drop => drop.Locks) <= Room || Drops.TrueForAll(static drop => drop.Statement is null);
    }
}
