using System.Globalization;
using Npgsql;
using Tenancy.Core.Authoring.Autogenerate;
using Tenancy.Core.Catalog;
using Tenancy.Core.Execution;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Sql;
using Tenancy.Model;

namespace Tenancy.Core.Provisioning;

/// <summary>One tenant, made from a blueprint in one transaction: schema, definition, rows, proofs, registry, history. It is there whole or not at all.</summary>
/// <param name="database">The database.</param>
/// <param name="context">The run.</param>
/// <param name="target">Its schema, which does not exist.</param>
internal sealed class BlueprintTenant(ProvisionedDatabase database, RunContext context, SchemaTarget target)
{
    private readonly TransactionCommands build = new(context, target);
    private readonly TransactionalWork work = new(context, target);
    private readonly SqlValues values = target.Values(context.Project, context.Arguments);

    /// <summary>The schema's state once it is made.</summary>
    public SchemaState? State { get; private set; }

    /// <summary>Takes the tenant's lock, makes the schema, and enters it. In a transaction that has just begun.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="transaction">What depends on the other scope; null where nothing does.</param>
    /// <param name="cancellation">Cancels the running statement.</param>
    public async Task BeginAsync(NpgsqlConnection connection, PlanTransaction? transaction, CancellationToken cancellation)
    {
        CommandList commands = [];
        commands.AddSettings(context, target, context.Project.Timeouts.Lock, context.Project.Timeouts.Statement, isLocal: true);
        var history = context.History.Quoted;
        commands.Add($"SELECT {history}.lock($1, $2, $3)", context.Project.Fleet, target.ScopeName, target.Schema);
        TakenNames.AddClaim(commands, context, target.Name, target.Schema);
        commands.Add($"SELECT {history}.start_proof($1)", target.Schema);
        PlacementProof.AddBefore(commands, context);
        new TenantCreation(database).AddSchema(commands, target.Schema);
        if (transaction is not null)
        {
            build.AddOtherScope(commands, transaction);
        }

        build.AddPath(commands);
        commands.Add("SELECT n.oid AS made FROM pg_catalog.pg_namespace n WHERE n.nspname = $1", target.Schema);
        uint? oid = null;
        await work.SendAsync(connection, commands, cancellation, async reader =>
        {
            if (reader.FieldCount == 1 && reader.GetName(0) == "made" && await reader.ReadAsync(cancellation))
            {
                oid = reader.GetFieldValue<uint>(0);
            }
        });
        State = new() { Scope = MigrationScope.Tenant, Schema = target.Schema, Oid = oid };
    }

    /// <summary>Runs a part of the definition, or a hook. Its rows come between the parts.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="transaction">The part; null for none.</param>
    /// <param name="cancellation">Cancels the running statement.</param>
    /// <exception cref="StatementException">A statement failed.</exception>
    public async Task RunAsync(NpgsqlConnection connection, PlanTransaction? transaction, CancellationToken cancellation)
    {
        CommandList commands = [];
        foreach (var stage in transaction?.Stages ?? [])
        {
            build.AddRequirements(commands, stage);
            build.AddStage(commands, stage);
        }

        if (commands.Count > 0)
        {
            await work.SendAsync(connection, commands, cancellation);
        }
    }

    /// <summary>Makes definition and rows, as one message.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="blueprint">What it is made from.</param>
    /// <param name="rows">Statements that bring further rows.</param>
    /// <param name="cancellation">Cancels the running statement.</param>
    /// <exception cref="StatementException">A statement of the definition failed.</exception>
    public async Task FillAsync(NpgsqlConnection connection, Blueprint blueprint, IEnumerable<string> rows, CancellationToken cancellation)
    {
        CommandList commands = [];
        AddOwnPath(commands, context, target);
        AddPart(commands, blueprint.Early);
        foreach (var row in blueprint.Names.Concat(blueprint.Rows).Select(row => row.Render(values)).Concat(rows))
        {
            context.Log.Debug(context.Mask(row));
            commands.Add(row);
        }

        AddPart(commands, blueprint.Late);
        AddPart(commands, blueprint.Last);
        commands.Add("SET LOCAL check_function_bodies TO DEFAULT");
        await work.SendAsync(connection, commands, cancellation);
    }

    /// <summary>Adds what a definition needs before it: its own names are bare in it, whatever the project's mode; bodies of functions may name what comes later.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="context">The run.</param>
    /// <param name="target">The schema.</param>
    public static void AddOwnPath(CommandList commands, RunContext context, SchemaTarget target)
    {
        var path = context.Project.Mode == SchemaMode.SearchPath ? context.SearchPath(target).Value
            : string.Join(", ", new[] { target.Schema }.Concat(context.ExtensionSchemas ?? []).Distinct(StringComparer.Ordinal).Select(SqlIdentifier.Quote)) + ", pg_temp";
        // Not use_path: the owner need not be allowed to use history. The proof finds the schema as the current one.
        commands.Add(
            "SELECT pg_catalog.set_config('search_path', $1, true), pg_catalog.set_config('tenancy.current_schema', $2, true), pg_catalog.set_config('tenancy.schema', $2, true), pg_catalog.set_config('check_function_bodies', 'off', true)",
            path,
            target.Schema);
    }

    /// <summary>Proves that the schema is what the blueprint was taken from.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="blueprint">What it was made from.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException"><c>NotEqual</c>, with the first differences.</exception>
    public async Task ProveEqualAsync(NpgsqlConnection connection, Blueprint blueprint, CancellationToken cancellation)
    {
        var isEqual = true;
        await foreach (var made in FleetFingerprints.ReadAsync(connection, [target.Schema], cancellation))
        {
            isEqual &= made.Fingerprint == blueprint.Shape.Fingerprint;
        }

        if (!isEqual)
        {
            var made = await SnapshotReader.ReadAsync(connection, target.Schema, cancellation);
            throw new TenancyException(
                "NotEqual",
                $"what was made differs from what it was made from: {MigrationProof.Describe(SnapshotComparison.Compare(blueprint.Shape, made))}",
                "Look for what changes a schema as it is made, such as event triggers and default privileges.");
        }
    }

    /// <summary>Leaves the schema: deferred constraints are checked, the role is the login's again.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="cancellation">Cancels.</param>
    public static async Task LeaveAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        CommandList commands = [];
        AddLeave(commands);
        await commands.ExecuteAsync(connection, cancellation);
    }

    /// <summary>Adds the same.</summary>
    /// <param name="commands">The commands.</param>
    public static void AddLeave(CommandList commands)
    {
        commands.Add("SET CONSTRAINTS ALL IMMEDIATE");
        commands.Add("RESET SESSION AUTHORIZATION");
        commands.Add("RESET ROLE");
    }

    /// <summary>Enters the schema again: path and role.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="cancellation">Cancels.</param>
    public async Task EnterAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        CommandList commands = [];
        build.AddPath(commands);
        await commands.ExecuteAsync(connection, cancellation);
    }

    /// <summary>Proves where everything landed, registers the tenant, writes history and commits.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="proved">The transaction whose <c>touches</c> count, all parts of it.</param>
    /// <param name="tenant">The tenant.</param>
    /// <param name="heads">Where it is.</param>
    /// <param name="revisions">The revisions that it has.</param>
    /// <param name="source">The schema that it is a copy of; null for none.</param>
    /// <param name="cancellation">Cancels what comes before COMMIT.</param>
    /// <exception cref="PlacementException">Something landed outside the schema.</exception>
    /// <exception cref="OutcomeUnknownException">The connection was lost at COMMIT.</exception>
    public async Task CommitAsync(
        NpgsqlConnection connection, PlanTransaction? proved, Tenant tenant, IReadOnlyCollection<string> heads, IReadOnlyCollection<MadeRevision> revisions, string? source, CancellationToken cancellation)
    {
        CommandList commands = [];
        if (proved is not null)
        {
            PlacementProof.AddProof(commands, context, target, proved, State!, isNew: true);
        }

        await work.SendAsync(connection, commands, cancellation);
        commands.Clear();
        if (source is null)
        {
            AddHistory(commands, database, context, [(tenant, State!.Oid!.Value)], heads, revisions);
        }
        else
        {
            AddHistory(commands, tenant, heads, revisions, source);
        }

        TransactionCommands.AddCleanUp(commands, context);
        await TransactionalWork.CommitAsync(connection, commands);
    }

    /// <summary>Adds tenants' registration, where they are, and what history is to say of how they got there.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="database">The database.</param>
    /// <param name="context">The run.</param>
    /// <param name="made">The tenants, with the OIDs of their schemas.</param>
    /// <param name="heads">Where they are, all of them.</param>
    /// <param name="revisions">The revisions that they have.</param>
    public static void AddHistory(
        CommandList commands, ProvisionedDatabase database, RunContext context, IReadOnlyCollection<(Tenant Tenant, uint Oid)> made, IReadOnlyCollection<string> heads, IReadOnlyCollection<MadeRevision> revisions)
    {
        new TenantCreation(database).AddRegistration(commands, [.. made.Select(static tenant => tenant.Tenant)]);
        commands.Add(
            context.History.File("record_new"),
            [
                context.Project.Fleet,
                made.Select(static tenant => tenant.Tenant.Schema).ToArray(),
                made.Select(static tenant => tenant.Tenant.Name).ToArray(),
                made.Select(static tenant => tenant.Oid.ToString(CultureInfo.InvariantCulture)).ToArray(),
                heads.ToArray(),
                context.Request.RunId,
                ToolVersion.Text,
                .. MadeRevision.Columns(revisions),
            ]);
    }

    // A copy's: its source's history says what it has run.
    private void AddHistory(CommandList commands, Tenant tenant, IReadOnlyCollection<string> heads, IReadOnlyCollection<MadeRevision> revisions, string source)
    {
        new TenantCreation(database).AddRegistration(commands, [tenant]);
        object?[] place = [context.Project.Fleet, "tenant", tenant.Schema];
        commands.Add(context.History.File("stamp_heads"), [.. place, target.Oid(State!.Oid!.Value), heads.ToArray()]);
        commands.Add(context.History.File("record_made"), [.. place, context.Request.RunId, tenant.Name, ToolVersion.Text, .. MadeRevision.Columns(revisions), source]);
    }

    private void AddPart(CommandList commands, PlanTransaction? part)
    {
        foreach (var stage in part?.Stages ?? [])
        {
            build.AddStage(commands, stage);
        }
    }
}
