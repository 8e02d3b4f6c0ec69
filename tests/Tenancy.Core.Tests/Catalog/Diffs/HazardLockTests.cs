using Npgsql;
using Tenancy.Core.Catalog.Diffs;
using Tenancy.Core.Sql;
using Xunit;

namespace Tenancy.Core.Tests.Catalog.Diffs;

/// <summary>The locks that hazards tell are those that the server takes on tables which are there already, and for which readers or writers wait: none is left out, and none is stronger than it is.</summary>
public sealed class HazardLockTests(DiffServer server) : IClassFixture<DiffServer>
{
    /// <summary>Those that writers wait for, by their strength (manual, 13.3.1).</summary>
    private static readonly string[] Modes = ["SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE", "ACCESS EXCLUSIVE"];

    /// <summary>The locks of the transaction, by the tables' names; of what is dropped, by the name that it had.</summary>
    private const string Locks = """
        SELECT t.name || ': ' || upper(trim(regexp_replace(replace(l.mode, 'Lock', ''), '([A-Z])', ' \1', 'g')))
        FROM pg_locks l JOIN known t ON t.oid = l.relation
        WHERE l.pid = pg_backend_pid() AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
        """;

    /// <summary>The tables that are there, and to what they belong.</summary>
    private const string Known = """
        CREATE TEMP TABLE known AS SELECT c.oid, CASE WHEN c.relnamespace = to_regnamespace('shared') THEN 'shared.' ELSE '' END || c.relname AS name FROM pg_class c WHERE c.relkind IN ('r', 'p', 'm') AND c.relnamespace IN (to_regnamespace('shared'), (SELECT oid FROM pg_namespace WHERE nspname = current_schema()))
        """;

    public static TheoryData<string> Names => [.. DiffPairs.All.Keys];

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public async Task AllLocksAreTold(string name)
    {
        var version = int.TryParse(name.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : 0;
        Skip.If(server.Version < version, $"It needs PostgreSQL {version}.");
        await server.MakeRolesAsync();
        var (before, after) = DiffPairs.All[name];
        List<string> wrong = [];
        foreach (var usesPlainForms in new[] { false, true })
        {
            var (left, right) = (DiffServer.NewName("left"), DiffServer.NewName("right"));
            var from = await server.MakeAsync(left, before.Replace("@", SqlIdentifier.Quote(left), StringComparison.Ordinal));
            var to = await server.MakeAsync(right, after.Replace("@", SqlIdentifier.Quote(right), StringComparison.Ordinal));
            var options = new DiffOptions { UsesPlainForms = usesPlainForms };
            wrong.AddRange(await RunAsync(left, SchemaDiff.Compare(from, to, options)));
            wrong.AddRange(await RunAsync(left, SchemaDiff.Compare(to, from, SchemaDiff.Inverse(options))));
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong.Distinct()));
    }

    /// <summary>Carries out each change, in a transaction where it can be, and says which locks were not told, or not taken.</summary>
    private async Task<List<string>> RunAsync(string schema, SchemaDiff diff)
    {
        List<string> wrong = [];
        await using var connection = await server.OpenAsync(schema);
        await ExecuteAsync(connection, Known);
        foreach (var change in diff.Changes)
        {
            var statements = DiffServer.Statements(schema, OperationYaml.Write(change.Operations));
            if (statements.Exists(static statement => statement.Contains("CONCURRENTLY", StringComparison.Ordinal)))
            {
                foreach (var statement in statements)
                {
                    await ExecuteAsync(connection, statement);
                }

                continue;
            }

            await ExecuteAsync(connection, "BEGIN");
            foreach (var statement in statements)
            {
                await ExecuteAsync(connection, statement);
            }

            var parents = await ReadAsync(connection, "SELECT c.relname || ': ' || p.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent");
            await ExecuteAsync(connection, "UPDATE known SET name = c.relname FROM pg_class c WHERE c.oid = known.oid AND name NOT LIKE 'shared.%'");
            // What is made in place of another of its name is nobody's.
            var known = await ReadAsync(connection, "SELECT name FROM known");
            var taken = Strongest((await ReadAsync(connection, Locks)).Select(static line => (line[..line.LastIndexOf(':')], line[(line.LastIndexOf(':') + 2)..])));
            var told = Strongest(change.Hazards.Where(hazard => hazard.Table is not null && known.Contains(hazard.Table) && Modes.Contains(hazard.Lock)).Select(static hazard => (hazard.Table!, hazard.Lock!)));
            await ExecuteAsync(connection, "DELETE FROM known WHERE NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = known.oid)");
            await ExecuteAsync(connection, "COMMIT");
            wrong.AddRange(taken.Where(pair => !Ancestors(pair.Key).Any(table => told.GetValueOrDefault(table, -1) >= pair.Value)).Select(pair => $"not told: {change}: {pair.Key} {Modes[pair.Value]} ({string.Join("; ", statements)})"));
            wrong.AddRange(told.Where(pair => taken.GetValueOrDefault(pair.Key, -1) < pair.Value).Select(pair => $"not taken: {change}: {pair.Key} {Modes[pair.Value]} ({string.Join("; ", statements)})"));

            IEnumerable<string> Ancestors(string table) => parents.Where(line => line.StartsWith($"{table}: ", StringComparison.Ordinal)).SelectMany(line => Ancestors(line[(table.Length + 2)..])).Prepend(table);
        }

        return wrong;
    }

    private static Dictionary<string, int> Strongest(IEnumerable<(string Table, string Mode)> locks) =>
        locks.GroupBy(static pair => pair.Table).ToDictionary(static group => group.Key, static group => group.Max(static pair => Array.IndexOf(Modes, pair.Mode)));

    private static async Task ExecuteAsync(NpgsqlConnection connection, string statement)
    {
        await using var command = new NpgsqlBatch(connection) { BatchCommands = { new(statement) } };
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<List<string>> ReadAsync(NpgsqlConnection connection, string query)
    {
        List<string> lines = [];
        await using var command = new NpgsqlCommand(query, connection);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            lines.Add(reader.GetString(0));
        }

        return lines;
    }
}
