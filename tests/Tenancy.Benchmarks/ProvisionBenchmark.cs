using System.Diagnostics;
using System.Globalization;
using Tenancy.Core;
using Tenancy.Core.Execution;
using Tenancy.Core.Planning;
using Tenancy.Model;

namespace Tenancy.Benchmarks;

/// <summary>50 new tenants at head from a history of 200 revisions, side by side: from a snapshot, and by replaying the history on each.</summary>
internal static class ProvisionBenchmark
{
    private const int Revisions = 200;
    private const int Connections = 4;

    /// <summary>Runs it.</summary>
    public static async Task RunAsync(BenchmarkRun run)
    {
        var tenants = run.Scale(50);
        await using var server = await TenantServer.StartAsync();
        Console.WriteLine($"{tenants} new tenants, {Revisions} revisions, PostgreSQL {server.Version}");
        var folder = Directory.CreateTempSubdirectory("tenancy-provision-").FullName;
        try
        {
            Write(folder);
            await server.PrepareAsync(() => server.CreateAsync("provision", 0, ""));
            Dictionary<string, List<double>> processor = [];
            Task<double> SideAsync(string side, MigrationRequest request) => MakeAsync(server, folder, tenants, request with { ThrottleLimit = Connections }, processor.TryGetValue(side, out var seconds) ? seconds : processor[side] = []);
            var sides = await Series.TakeInTurnAsync(
                run.LoopRounds,
                () => SideAsync("snapshot", new()),
                () => SideAsync("each", new() { ReplaysHistory = true, Durability = Durability.Each }),
                () => SideAsync("run", new() { ReplaysHistory = true }));
            var work = $"{tenants} new tenants at head of {Revisions} revisions, {Connections} side by side";
            run.Add(new(
                $"{work}: from a snapshot",
                sides[0].ToString(),
                "",
                "",
                $"{sides[1].To(sides[0]).Text("0.0", $" x faster than replaying with each commit as durable ({sides[1]})")}; {sides[2].To(sides[0]).Text("0.0", $" x where a replay is made durable at its end ({sides[2]})")}",
                "5 x faster than replaying"));
            var times = new[] { "snapshot", "each", "run" }.Select(side => new Series(processor[side])).ToList();
            run.Add(new("the same: processor time, the server's included", times[0].Text("0.0", " s"), "", "", $"{times[1].To(times[0]).Text("0.0", $" x less than replaying ({times[1].Text("0.0", " s")})")}; {times[2].To(times[0]).Text("0.0", " x less")}", ""));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<double> MakeAsync(TenantServer server, string folder, int tenants, MigrationRequest request, List<double> processor)
    {
        var database = await server.CopyAsync("provision");
        var (seconds, time) = await ProcessorTime.OfAsync(server, database, async () =>
        {
            var clock = Stopwatch.StartNew();
            await using var fleet = Fleet.Open(folder, server.Settings(database));
            var made = 0;
            await foreach (var result in fleet.CreateTenantsAsync(TenantServer.Tenants(tenants), request, NoLog.Instance))
            {
                made += result.Status == MigrationStatus.Migrated && result.Revisions.Length == Revisions ? 1 : throw new InvalidOperationException($"{result.Name}: {result.Error ?? result.Status}");
            }

            return made == tenants ? clock.Elapsed.TotalSeconds : throw new InvalidOperationException($"{made} of {tenants} were made.");
        });
        processor.Add(time.All);
        return seconds;
    }

    // What a product's history looks like: tables with keys to each other, then columns, indexes, checks, views, seed rows, and what is taken back.
    private static void Write(string folder)
    {
        File.WriteAllText(Path.Combine(folder, "tenancy.yaml"), "fleet: benchmark\n");
        Directory.CreateDirectory(Path.Combine(folder, "manifests"));
        for (var number = 0; number < Revisions; number++)
        {
            var (table, before) = (number / 10, Math.Max(0, (number / 10) - 1));
            var text = (number % 10) switch
            {
                0 => $$$"""
                      - create_table: {name: t{{{table}}}, columns: [{name: id, type: bigint, identity: by default, primary_key: true}, {name: name, type: text, nullable: false}, {name: t{{{before}}}_id, type: bigint, references: {table: t{{{before}}}, column: id}}]}
                    """,
                1 => $$$"""
                      - add_column: {table: t{{{table}}}, name: amount, type: "numeric(12,2)", default: "0", nullable: false}
                      - create_index: {name: t{{{table}}}_name_idx, table: t{{{table}}}, columns: [name]}
                    """,
                2 => $$$"""
                      - add_constraint: {table: t{{{table}}}, name: t{{{table}}}_amount_check, check: amount >= 0}
                      - add_column: {table: t{{{table}}}, name: old, type: text}
                    """,
                3 => $$$"""
                      - drop_column: {table: t{{{table}}}, name: old, was: {type: text}}
                      - add_column: {table: t{{{table}}}, name: changed, type: timestamptz}
                    """,
                4 => $$$"""
                      - sql: CREATE VIEW tenant_schema.v{{{table}}} AS SELECT id, name, amount FROM tenant_schema.t{{{table}}} WHERE amount > 0
                        undo: DROP VIEW tenant_schema.v{{{table}}}
                      - insert: {table: t{{{table}}}, key: id, rows: [{id: 1, name: first}, {id: 2, name: second}]}
                    """,
                5 => $$$"""
                      - add_column: {table: t{{{table}}}, name: weight, type: integer}
                    """,
                6 => $$$"""
                      - create_index: {name: t{{{table}}}_amount_idx, table: t{{{table}}}, columns: [amount]}
                    """,
                7 => $$$"""
                      - drop_index: {name: t{{{table}}}_amount_idx, was: {table: t{{{table}}}, columns: [amount]}}
                    """,
                8 => $$$"""
                      - alter_column: {table: t{{{table}}}, name: weight, default: "1", nullable: true, was: {default: null, nullable: true}}
                    """,
                _ => $$$"""
                      - sql: UPDATE tenant_schema.t{{{table}}} SET weight = 2 WHERE id = 1
                        undo: SELECT 1
                    """,
            };
            var parent = number == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"parent: {Id(number - 1)}\n");
            File.WriteAllText(Path.Combine(folder, "manifests", Id(number) + ".yaml"), $"revision: {Id(number)}\n{parent}{(number % 10 is 4 or 9 ? "data: true\n" : "")}up:\n{text}\n");
        }
    }

    private static string Id(int number) => string.Create(CultureInfo.InvariantCulture, $"aa{number:000000}");

    private sealed class NoLog : IRunLog
    {
        public static readonly NoLog Instance = new();

        public void Verbose(string message)
        {
            if (message.Contains("replaying", StringComparison.Ordinal))
            {
                throw new InvalidOperationException(message);
            }
        }

        public void Debug(string sql)
        {
        }

        public void Warn(string message) => throw new InvalidOperationException(message);

        public void Progress(MigrationProgress progress)
        {
        }
    }
}
