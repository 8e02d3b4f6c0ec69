using System.Globalization;
using Npgsql;
using Tenancy.Core.Execution;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Sql;
using Tenancy.Model;

namespace Tenancy.Core.Provisioning;

/// <summary>The tenant that a copy is made of: all of it as one moment had it, in a transaction of its own (repeatable read) that keeps others from changing what is read.</summary>
/// <param name="database">The database.</param>
/// <param name="context">What a run knows.</param>
/// <param name="from">The tenant.</param>
/// <param name="withRows">True where rows are copied too.</param>
internal sealed class CopySource(ProvisionedDatabase database, RunContext context, SchemaTarget from, bool withRows)
{
    private const int MostTries = 20;

    private readonly TenancyProject project = context.Project;
    private List<SourceRelation> relations = [];

    /// <summary>Begins the transaction, takes the source's lock and those of its tables. It sees what was committed before it took the lock; who held the lock last may have committed in between: then it begins anew.</summary>
    /// <param name="connection">The connection, outside a transaction.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <returns>Where the source is.</returns>
    /// <exception cref="TenancyException">It cannot be copied: <see cref="StateChecks.EnsureUsable"/>, <c>InProgress</c>, <c>NoHistory</c>, <c>RowSecurity</c>, <c>PermissionDenied</c>, <c>LockBudget</c>, <c>StateChanged</c>.</exception>
    public async Task<SchemaState> BeginAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        for (var tries = 0; tries < MostTries; tries++)
        {
            relations = withRows ? await ListAsync(connection, cancellation) : [];
            CommandList begin = [];
            begin.Add("BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE");
            AddLocks(begin);
            begin.AddSettings(context, from, project.Timeouts.Lock, project.Timeouts.Statement, isLocal: true);
            begin.Add($"SELECT {context.History.Quoted}.lock($1, $2, $3)", project.Fleet, from.ScopeName, from.Schema);
            try
            {
                await begin.ExecuteAsync(connection, cancellation);
                var seen = (await database.Session.ReadAsync(connection, [from.Schema], cancellation))[from.Schema];
                var now = (await database.Session.ReadAsync([from.Schema], cancellation))[from.Schema];
                var isSame = seen.PlanKey == now.PlanKey && (seen.Oid, seen.Changed) == (now.Oid, now.Changed);
                if (isSame && (!withRows || relations.SequenceEqual(await SourceRelation.ReadAsync(connection, from.Schema, project.Owner, cancellation))))
                {
                    await EnsureUsableAsync(connection, seen, cancellation);
                    await EnsureFitsAsync(connection, cancellation);
                    return seen;
                }
            }
            catch (PostgresException error) when (error.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
            {
                // A table that was listed is gone.
            }

            await TransactionalWork.RollBackAsync(connection);
        }

        throw new TenancyException("StateChanged", $"tables of schema {from.Schema} come and go while it is to be copied.", "Copy it again when nobody changes it.");
    }

    /// <summary>The statements that copy rows and set sequences, to be run by the project's owner in this transaction.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="to">The copy's schema, unquoted.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException"><c>PointsBack</c>.</exception>
    public async Task<List<string>> ReadStatementsAsync(NpgsqlConnection connection, string to, CancellationToken cancellation)
    {
        if (!withRows)
        {
            return [];
        }

        var views = await MakeViewsAsync(connection, cancellation);
        await RefusePointersAsync(connection, views, cancellation);
        List<string> statements = [RowSettings.Set];
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(EmbeddedSql.Read("copy_statements"), from.Schema, to, views.Keys.ToArray(), views.Values.ToArray(), IdentitySequence.BeforeTable + "%L" + IdentitySequence.AfterTable("%L"));
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            statements.Add(reader.GetString(0));
        }

        statements.Add(RowSettings.Reset);
        return statements;
    }

    // A transaction of its own: the one that copies must lock the tables before it has a snapshot.
    private async Task<List<SourceRelation>> ListAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        CommandList commands = [];
        commands.AddBegin(context, from);
        await commands.ExecuteAsync(connection, cancellation);
        var listed = await SourceRelation.ReadAsync(connection, from.Schema, project.Owner, cancellation);
        await TransactionalWork.RollBackAsync(connection);
        return listed;
    }

    // TRUNCATE and what else empties or rewrites a table is not seen by the snapshot as it was before (manual, 13.6), so it has to wait, or comes first. None of these commands takes a snapshot; any SELECT would.
    private void AddLocks(CommandList commands)
    {
        commands.Add("SET LOCAL lock_timeout = " + SqlLiteral.Quote(Batches.Milliseconds(project.Timeouts.Lock)));
        commands.Add("SET LOCAL application_name = " + SqlLiteral.Quote(context.ApplicationName(from)));
        foreach (var tables in relations.Where(static relation => !relation.IsSequence).GroupBy(static relation => relation.ByOwner))
        {
            SourceRelation.AddRole(commands, tables.Key ? project.Owner : null);
            commands.Add($"LOCK TABLE {string.Join(", ", tables.Select(table => "ONLY " + SqlIdentifier.Quote(from.Schema, table.Name)))} IN ACCESS SHARE MODE");
            SourceRelation.AddRole(commands, null);
        }
    }

    private async Task EnsureUsableAsync(NpgsqlConnection connection, SchemaState state, CancellationToken cancellation)
    {
        StateChecks.EnsureUsable(state);
        if ((await database.Session.ReadKnownAsync(connection, [state.Schema], cancellation)).Count == 0)
        {
            // A run would take its copy for one at base, and do everything again.
            throw new TenancyException(
                "NoHistory",
                $"history does not know schema {state.Schema}, so at which revision a copy would be nobody can say.",
                "Say at which one it is with Set-TenantRevision, which finds it by -FromShape, or with Import-TenantRevision; then copy it.");
        }

        if (state.Stages is [.., { } mark])
        {
            throw new TenancyException("InProgress", $"schema {state.Schema} is in the middle of revision {mark.Revision}, and a copy could not be finished.", "Finish it with Invoke-TenantMigration first.");
        }
    }

    // Before it fills what all sessions share.
    private async Task EnsureFitsAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(context.History.File("lock_capacity"));
        batch.Add(EmbeddedSql.Read("copy_locks"), from.Schema, withRows);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        var table = await LockTable.ReadAsync(reader, cancellation);
        await reader.NextResultAsync(cancellation);
        await reader.ReadAsync(cancellation);
        if (reader.GetInt64(0) is var own && !table.Fits(own))
        {
            throw new TenancyException(
                "LockBudget",
                string.Create(CultureInfo.InvariantCulture, $"a copy of schema {from.Schema} needs about {own} locks; {table.Figures}."),
                $"Set {table.SettingFor(own)} and restart the server.");
        }
    }

    // What the owner may not read whole, and the login may, the owner reads by views of the login's, which go with the transaction: so that nothing of the schema's own (checks, defaults) ever runs as the login.
    private async Task<Dictionary<string, string>> MakeViewsAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        Dictionary<string, string> views = new(StringComparer.Ordinal);
        CommandList commands = [];
        foreach (var relation in relations.Where(relation => project.Owner is not null && !relation.ByOwner))
        {
            var view = string.Create(CultureInfo.InvariantCulture, $"pg_temp.tenancy_read_{views.Count}");
            commands.Add($"CREATE TEMPORARY VIEW {view} AS SELECT * FROM {(relation.IsSequence ? "" : "ONLY ")}{SqlIdentifier.Quote(from.Schema, relation.Name)}");
            commands.Add($"GRANT SELECT ON {view} TO {SqlIdentifier.Quote(project.Owner!)}");
            views.Add(relation.Name, view);
        }

        if (commands.Count > 0)
        {
            await commands.ExecuteAsync(connection, cancellation);
        }

        return views;
    }

    // Asked as who reads the rows.
    private async Task RefusePointersAsync(NpgsqlConnection connection, Dictionary<string, string> views, CancellationToken cancellation)
    {
        List<(string Column, bool IsLarge)> columns = [];
        CommandList questions = [];
        SourceRelation.AddRole(questions, project.Owner);
        await using (var batch = new NpgsqlBatch(connection))
        {
            batch.Add(EmbeddedSql.Read("source_pointers"), from.Schema);
            await using var reader = await batch.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                var table = reader.GetString(0);
                columns.Add(($"{from.Schema}.{table}.{reader.GetString(1)}", reader.GetBoolean(2)));
                questions.Add(reader.GetString(3).Replace("@source", views.GetValueOrDefault(table) ?? $"ONLY {SqlIdentifier.Quote(from.Schema, table)}", StringComparison.Ordinal));
            }
        }

        SourceRelation.AddRole(questions, null);
        if (columns.Count == 0)
        {
            return;
        }

        List<string> found = [];
        await using var asking = questions.ToBatch(connection);
        await using var answers = await asking.ExecuteReaderAsync(cancellation);
        foreach (var (column, isLarge) in columns)
        {
            await answers.ReadAsync(cancellation);
            if (answers.GetBoolean(0))
            {
                found.Add(column + (isLarge ? " (large objects)" : ""));
            }

            await answers.NextResultAsync(cancellation);
        }

        if (found.Count > 0)
        {
            throw new TenancyException(
                "PointsBack",
                $"values of {string.Join(", ", found)} are OIDs of what is the source's own, so the copy's rows would point back at it.",
                "Copy without -Data; or keep names as text, and large objects as bytea.");
        }
    }
}
