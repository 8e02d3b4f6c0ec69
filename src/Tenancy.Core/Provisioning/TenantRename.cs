using System.Globalization;
using Npgsql;
using Tenancy.Core.Execution;
using Tenancy.Core.History;
using Tenancy.Core.Planning;
using Tenancy.Core.Sql;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Provisioning;

/// <summary>
/// Renames a tenant, its schema, or both, in one transaction that is proved: the schema, what history and registry have under its name (other fleets' too), the functions in it that write the name, and what elsewhere does (<see cref="NamesElsewhere"/>). What may be the
/// name but could be something else is told.
/// </summary>
/// <param name="database">The database.</param>
internal sealed class TenantRename(ProvisionedDatabase database)
{
    private readonly RunContext context = database.Context;

    /// <summary>Renames.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="renamed">The same with its new name or schema.</param>
    /// <param name="cancellation">Cancels and rolls back.</param>
    /// <returns>What went wrong, or null.</returns>
    public async Task<MigrationFailure?> RenameAsync(Tenant tenant, Tenant renamed, CancellationToken cancellation)
    {
        List<string> unclear = [];
        var failure = await database.AttemptAsync(
            tenant,
            renamed.Schema,
            "rename",
            async (connection, target) =>
            {
                unclear.Clear();
                var isMoved = renamed.Schema != tenant.Schema;
                var state = await BeginAsync(connection, target, renamed, cancellation);
                CommandList end = [];
                if (isMoved)
                {
                    var elsewhere = await RenameSchemaAsync(connection, target, state, renamed.Schema, unclear, cancellation);
                    AddProof(end, state, elsewhere.Routines);
                    // Of no schema, and of a catalog that the proof counts.
                    elsewhere.Settings.ForEach(setting => end.Add(setting));
                }

                end.Add(context.History.File("rename_tenant"), context.Project.Fleet, tenant.Schema, renamed.Schema, renamed.Name, tenant.Name, context.Request.RunId, ToolVersion.Text, Text(state.Oid!.Value));
                TransactionCommands.AddCleanUp(end, context);
                await TransactionalWork.CommitAsync(connection, end);
            },
            cancellation);
        foreach (var found in failure is null ? unclear.Distinct() : [])
        {
            context.Log.Warn(found);
        }

        return failure;
    }

    private async Task<SchemaState> BeginAsync(NpgsqlConnection connection, SchemaTarget target, Tenant renamed, CancellationToken cancellation)
    {
        CommandList begin = [];
        begin.AddLockedBegin(context, target);
        begin.Add(context.History.File("lock_rename"), context.Project.Fleet, target.Schema, renamed.Schema);
        if (renamed.Name != target.Name)
        {
            TakenNames.AddClaim(begin, context, renamed.Name, target.Schema);
        }

        await begin.ExecuteAsync(connection, cancellation);

        var state = (await database.Session.ReadAsync(connection, [target.Schema], cancellation))[target.Schema];
        if (state.Oid is null || state.RemovalBegun is not null || state.IsRecreated)
        {
            StateChecks.EnsureUsable(state);
        }

        if (renamed.Schema != target.Schema)
        {
            await RefuseTakenAsync(connection, renamed.Schema, cancellation);
        }

        return state;
    }

    private async Task RefuseTakenAsync(NpgsqlConnection connection, string schema, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(context.History.File("read_taken"), schema);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        if (reader.GetBoolean(0))
        {
            throw new TenancyException("SchemaExists", $"schema {schema} exists already.", "Choose another schema.");
        }

        if (!await reader.IsDBNullAsync(1, cancellation))
        {
            throw new TenancyException("NameTaken", $"history of the fleet '{reader.GetString(1)}' has a tenant in schema {schema}, though there is no such schema.", "Forget it with Repair-TenantMigration -Orphan, or choose another schema.");
        }
    }

    // Settings are left to the caller.
    private async Task<NamesElsewhere> RenameSchemaAsync(NpgsqlConnection connection, SchemaTarget target, SchemaState state, string name, List<string> unclear, CancellationToken cancellation)
    {
        CommandList commands = [];
        commands.AddEnter(context, target, state, proves: true);
        PlacementProof.AddBefore(commands, context);
        var rename = $"ALTER SCHEMA {SqlIdentifier.Quote(target.Schema)} RENAME TO {SqlIdentifier.Quote(name)}";
        context.Log.Debug(rename);
        commands.Add(rename);
        // What the server prints names the schema then; and the proof looks for it under its new name.
        commands.Add($"SELECT {context.History.Quoted}.use_path('pg_catalog, pg_temp', NULL), pg_catalog.set_config('tenancy.schema', $1, true)", name);
        await commands.ExecuteAsync(connection, cancellation);

        List<RenamedRoutine> functions = [];
        HashSet<string> objects = new(StringComparer.Ordinal);
        await using (var batch = new NpgsqlBatch(connection))
        {
            batch.Add(EmbeddedSql.Read("names_in_schema"), Text(state.Oid!.Value));
            batch.Add(EmbeddedSql.Read("routines_naming"), Text(state.Oid.Value), target.Schema);
            batch.Add(EmbeddedSql.Read("texts_naming"), Text(state.Oid.Value), target.Schema);
            await using var reader = await batch.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                objects.Add(reader.GetString(0));
            }

            await reader.NextResultAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                var (definition, left) = RoutineRename.Apply(reader.GetString(1), target.Schema, name, objects);
                unclear.AddRange(left.Select(found => Unclear(target, reader.GetString(0), found)));
                if (definition is not null)
                {
                    context.Log.Debug(definition);
                    functions.Add(new(reader.GetString(0), definition, await reader.IsDBNullAsync(2, cancellation) ? null : reader.GetString(2), Shared: null));
                }
            }

            await reader.NextResultAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                unclear.AddRange(RoutineRename.FindInStrings(reader.GetString(1), target.Schema).Select(found => Unclear(target, reader.GetString(0), found)));
            }
        }

        var elsewhere = await NamesElsewhere.ReadAsync(connection, context, target.Schema, name, objects, cancellation);
        unclear.AddRange(elsewhere.Left.Select(found => Unclear(target, found.Where, found.What)));
        foreach (var text in elsewhere.Routines.Select(static routine => routine.Definition).Concat(elsewhere.Settings))
        {
            context.Log.Verbose($"Outside schema {target.Schema}, which it names: {text}");
        }

        functions.AddRange(elsewhere.Routines);
        if (functions.Count > 0)
        {
            await ReplaceAsync(connection, target, functions, cancellation);
        }

        return elsewhere;
    }

    // As their owners: nobody else may, but for a superuser.
    private static async Task ReplaceAsync(NpgsqlConnection connection, SchemaTarget target, List<RenamedRoutine> functions, CancellationToken cancellation)
    {
        CommandList replace = [];
        // They were checked when they were made; now a bare name in them finds nothing.
        replace.Add("SET LOCAL check_function_bodies = off");
        foreach (var (_, definition, role, _) in functions)
        {
            SourceRelation.AddRole(replace, role);
            replace.Add(definition);
        }

        SourceRelation.AddRole(replace, null);
        await using var batch = replace.ToBatch(connection);
        try
        {
            await batch.ExecuteNonQueryAsync(cancellation);
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.InsufficientPrivilege && replace.Find(batch, error) is { } failed && functions.Find(each => each.Definition == failed.Text) is { Place: { } routine })
        {
            throw new TenancyException(
                "PermissionDenied",
                $"{routine} names schema {target.Schema} and has to be written anew, which the user may not: {error.MessageText}.",
                "Connect as a member of the role that owns it; for a LEAKPROOF one as a superuser.",
                error);
        }
    }

    private void AddProof(CommandList commands, SchemaState state, List<RenamedRoutine> elsewhere) => commands.Add(
        $"SELECT {context.History.Quoted}.assert_placement($1::pg_catalog.text::pg_catalog.oid, pg_catalog.current_schema(), $2, $3, false)",
        Text(state.Oid!.Value),
        elsewhere.Select(_ => context.Project.SharedSchema).ToArray(),
        elsewhere.Select(static routine => routine.Shared!).ToArray());

    private static string Unclear(SchemaTarget target, string where, string what) => $"{target} was renamed, but {where} may still name schema {target.Schema} ({what}). Look at it, and change it by hand if it does.";

    private static string Text(uint oid) => oid.ToString(CultureInfo.InvariantCulture);
}
