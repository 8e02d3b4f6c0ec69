using System.Globalization;
using Npgsql;
using Tenancy.Core.Execution;
using Tenancy.Core.Execution.Servers;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Rehearsals;
using Tenancy.Core.Sql;
using Tenancy.Model;

namespace Tenancy.Core.Catalog.Scratch;

/// <summary>Runs SQL that says how a schema is to be in a scratch schema, in a transaction that is rolled back, and proves that nothing of it landed elsewhere.</summary>
/// <param name="context">The run.</param>
/// <param name="session">The database.</param>
/// <param name="scratch">The transaction.</param>
/// <param name="schema">The scratch schema, empty.</param>
internal sealed class ScratchLoad(RunContext context, DatabaseSession session, ScratchTransaction scratch, ScratchSchema schema)
{
    private const int AtOnce = 200;
    private readonly NpgsqlConnection connection = scratch.Connection;
    private readonly string history = context.History.Quoted;
    private ScratchSchema schema = schema;
    private bool installed;

    /// <summary>Runs it. No savepoint stands before: rows of a subtransaction cost the proof a look each.</summary>
    /// <param name="sql">The SQL.</param>
    /// <param name="cancellation">Cancels the running statement.</param>
    /// <exception cref="TenancyException"><c>DesiredSqlFailed</c>, <c>DesiredSqlElsewhere</c>, <c>ExtensionMissing</c>, <c>ProofImpossible</c>, each with file and line.</exception>
    public async Task RunAsync(DesiredSql sql, CancellationToken cancellation)
    {
        await EnsureExtensionsAsync(sql, cancellation);
        await EnsureHistoryAsync(cancellation);
        await SendAsync(Begin(sql, isFirst: true), cancellation);
        var statements = sql.Statements.Where(static statement => !statement.IsOwner).Select(statement => (statement, false)).Concat(sql.Statements.Where(static statement => statement.IsOwner).Select(statement => (statement, true))).ToList();
        foreach (var chunk in statements.Chunk(AtOnce))
        {
            await RunAsync(chunk, cancellation);
        }

        if (await ProveAsync(sql, cancellation) is not null)
        {
            throw await FindElsewhereAsync(sql, statements, cancellation);
        }

        foreach (var setting in DumpSettings.OfShape.Append("check_function_bodies"))
        {
            await SendAsync($"RESET {setting}", cancellation);
        }

        await schema.GrantAsync(connection, context, [], cancellation);
    }

    private async Task RunAsync((DesiredStatement Statement, bool IsOwner)[] statements, CancellationToken cancellation)
    {
        CommandList commands = [];
        List<DesiredStatement?> sources = [];
        foreach (var (statement, isOwner) in statements)
        {
            if (isOwner)
            {
                commands.Add("SET LOCAL ROLE NONE");
                sources.Add(null);
            }

            commands.Add(Render(statement));
            sources.Add(statement);
        }

        await using var batch = commands.ToBatch(connection);
        try
        {
            await batch.ExecuteNonQueryAsync(cancellation);
        }
        catch (PostgresException error) when (commands.Find(batch, error) is { } failed && !cancellation.IsCancellationRequested)
        {
            var at = commands.ToList().IndexOf(failed);
            throw sources[at] is { } source ? Failed(source, failed.Text, error) : error;
        }
    }

    private string Render(DesiredStatement statement)
    {
        try
        {
            var text = statement.Template.Render(schema.Target.Values(context.Project, context.Arguments));
            return PlainForm.Of(text) ?? text;
        }
        catch (TenancyException error)
        {
            throw new TenancyException(error.ErrorId, $"{statement.Position}: {error.Message}", error.RecommendedAction, error);
        }
    }

    // Path and role as in a run; the functions of history are the login role's.
    private CommandList Begin(DesiredSql sql, bool isFirst)
    {
        CommandList commands = [];
        commands.Add("SET LOCAL ROLE NONE");
        if (!isFirst)
        {
            commands.Add("CLOSE tenancy_before");
            commands.Add("CLOSE tenancy_columns");
        }

        commands.Add($"SELECT {history}.start_proof($1)", schema.Name);
        commands.Add($"SELECT {history}.keep_before()");
        schema.AddEnter(commands, context);
        commands.Add("SELECT pg_catalog.set_config('tenancy.current_schema', $1, true)", schema.Name);
        if (sql.IsDump)
        {
            // As pg_dump has it: a function may stand before the table that it reads.
            commands.Add("SELECT pg_catalog.set_config('check_function_bodies', 'off', true)");
        }

        return commands;
    }

    // Null where all is where it belongs.
    private async Task<PostgresException?> ProveAsync(DesiredSql sql, CancellationToken cancellation)
    {
        CommandList commands = [];
        commands.Add("SET CONSTRAINTS ALL IMMEDIATE");
        commands.Add("RESET SESSION AUTHORIZATION");
        commands.Add("SET LOCAL ROLE NONE");
        List<Touch> touches = [.. sql.References.Select(touch => touch with { Schema = touch.Schema == context.Project.Tokens.Shared ? context.Project.SharedSchema : touch.Schema })];
        if (installed)
        {
            touches.Add(new(context.History.Schema, "*"));
        }

        commands.Add(
            $"SELECT {history}.assert_placement($1::pg_catalog.text::pg_catalog.oid, pg_catalog.current_schema(), $2, $3, false)",
            schema.Oid.ToString(CultureInfo.InvariantCulture),
            touches.Select(static touch => touch.Schema).ToArray(),
            touches.Select(static touch => touch.Name).ToArray());
        try
        {
            await SendAsync(commands, cancellation);
            return null;
        }
        catch (PostgresException error) when (error.SqlState is PlacementProof.Outside or "TN004" or "TN007")
        {
            return error;
        }
        catch (PostgresException error) when (error.SqlState == "TN006")
        {
            throw new TenancyException("ProofImpossible", $"Where the SQL lands cannot be proved: {error.MessageText}.", "Set track_counts = on for the role or the database.", error);
        }
    }

    // Once more, and one by one: only so it is known which it was.
    private async Task<TenancyException> FindElsewhereAsync(DesiredSql sql, List<(DesiredStatement Statement, bool IsOwner)> statements, CancellationToken cancellation)
    {
        await scratch.RestartAsync(cancellation);
        schema = await ScratchSchema.CreateAsync(connection, context, schema, cancellation);
        await EnsureHistoryAsync(cancellation);
        foreach (var statement in statements)
        {
            await SendAsync(Begin(sql, isFirst: statement == statements[0]), cancellation);
            await RunAsync([statement], cancellation);
            if (await ProveAsync(sql, cancellation) is { } outside)
            {
                return new(
                    "DesiredSqlElsewhere",
                    $"{statement.Statement.Position}: {statement.Statement.Command} {outside.MessageText}.",
                    $"The SQL of the schema that is to be may only make what lies in it: write names bare, with the token{(sql.Schema is null ? " (or name a schema that stands for it with -DesiredSchema)" : $", or with the schema {sql.Schema} (-DesiredSchema names another)")}. What is shared belongs into a shared revision.");
            }
        }

        return new("DesiredSqlElsewhere", $"{sql.Name} changes what lies outside the schema, together and not one by one.", "Look for functions that it defines and calls.");
    }

    private async Task EnsureExtensionsAsync(DesiredSql sql, CancellationToken cancellation)
    {
        if (sql.Extensions.IsEmpty)
        {
            return;
        }

        await using var batch = new NpgsqlBatch(connection);
        batch.Add("SELECT extname::pg_catalog.text FROM pg_catalog.pg_extension");
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        HashSet<string> found = new(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellation))
        {
            found.Add(reader.GetString(0));
        }

        if (sql.Extensions.FirstOrDefault(extension => !found.Contains(extension.Name)) is { Name: { } missing, Position: var position })
        {
            throw new TenancyException(
                "ExtensionMissing",
                $"{position}: the database {session.Address} has no extension {missing}.",
                $"An extension is the database's, not a tenant's: make it in a shared revision (create_extension: {{name: {missing}}}), or by hand, and try again.");
        }
    }

    private async Task EnsureHistoryAsync(CancellationToken cancellation)
    {
        if (await session.HasHistoryAsync(connection, cancellation))
        {
            return;
        }

        installed = true;
        var deadline = DateTime.UtcNow + context.Project.Timeouts.TenantLock;
        while (!await session.TryInstallAsync(connection, cancellation))
        {
            if (DateTime.UtcNow > deadline)
            {
                throw new TenancyException("HistoryLocked", $"Another run has been making the history schema {history} of {session.Address} for too long.", "Wait for it to end and try again.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), cancellation);
        }
    }

    private Task SendAsync(string command, CancellationToken cancellation)
    {
        CommandList commands = [];
        commands.Add(command);
        return SendAsync(commands, cancellation);
    }

    private Task SendAsync(CommandList commands, CancellationToken cancellation) => commands.ExecuteAsync(connection, cancellation);

    private static TenancyException Failed(DesiredStatement statement, string sql, PostgresException error)
    {
        var line = statement.Position.Line + (error.Position > 1 && error.Position <= sql.Length ? sql.AsSpan(0, error.Position - 1).Count('\n') : 0);
        return new(
            "DesiredSqlFailed",
            $"{statement.Position.File}:{line}: {statement.Command}: {error.MessageText} ({error.SqlState}).{(error.Hint is { Length: > 0 } hint ? " " + hint : "")}",
            error.SqlState switch
            {
                PostgresErrorCodes.UndefinedObject when error.MessageText.Contains("role", StringComparison.Ordinal) => "Create the role, or leave out what names it: -Exclude grants, owners.",
                PostgresErrorCodes.LockNotAvailable => "Another session holds a lock on what the statement needs (a table that a key goes to, say). Try again when it is gone.",
                PostgresErrorCodes.InvalidParameterValue when statement.Command == "SET default_tablespace" => "Create the tablespace, or leave them out of the dump: pg_dump --no-tablespaces.",
                PostgresErrorCodes.InvalidParameterValue when statement.Command == "SET default_table_access_method" => "Install what has the access method, or leave it out of the dump: pg_dump --no-table-access-method.",
                "55P04" => "A new value of an enum cannot be used before it is committed: write the type with all its values.",
                PostgresErrorCodes.InsufficientPrivilege => "Grant the role what the statement needs, or set 'owner' in the project file to a role that has it.",
                _ => "Correct the SQL: it is run in an empty schema, in the order of the files.",
            },
            error);
    }
}
