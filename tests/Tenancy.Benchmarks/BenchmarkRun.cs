using System.Globalization;

namespace Tenancy.Benchmarks;

/// <summary>A line of the table.</summary>
/// <param name="Work">What was done.</param>
/// <param name="Ours">What it took the engine.</param>
/// <param name="Floor">What it took with nothing around the SQL; empty where there is no floor.</param>
/// <param name="Loop">What it took Alembic's loop; empty where it is not compared.</param>
/// <param name="Ratio">What it comes to.</param>
/// <param name="ToReach">What it should come to; empty where nothing is asked.</param>
internal sealed record BenchmarkRow(string Work, string Ours, string Floor, string Loop, string Ratio, string ToReach);

/// <summary>One go of the benchmarks: how much of it, and what came out.</summary>
/// <param name="isQuick">True for a tenth of the work and fewer rounds: to see that all runs, not to measure.</param>
/// <param name="endurance">How long the benchmark of that name goes on.</param>
internal sealed class BenchmarkRun(bool isQuick, TimeSpan endurance)
{
    private readonly List<BenchmarkRow> rows = [];

    /// <summary>How often ours and the floor are measured.</summary>
    public int Rounds { get; } = isQuick ? 2 : 5;

    /// <summary>How often Alembic's loop is measured: it takes long, and its ratios are not close to what they are to reach.</summary>
    public int LoopRounds { get; } = isQuick ? 1 : 3;

    /// <summary>How long the endurance benchmark goes on.</summary>
    public TimeSpan Endurance { get; } = endurance;

    /// <summary>So many of what a benchmark works on.</summary>
    public int Scale(int count) => isQuick ? count / 10 : count;

    /// <summary>How many times faster we are than the loop; empty where the loop is not here.</summary>
    public static string Faster(Series? loop, Series ours, string before = "") =>
        loop is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{before}{loop.Median / ours.Median:0.0} x faster than the loop");

    /// <summary>Adds a line to the table, and shows it.</summary>
    public void Add(BenchmarkRow row)
    {
        rows.Add(row);
        Console.WriteLine($"  {row.Work}: ours {row.Ours}{Part("floor", row.Floor)}{Part("loop", row.Loop)}{Part("ratio", row.Ratio)}{Part("to reach", row.ToReach)}");
        static string Part(string name, string text) => text.Length == 0 ? "" : $"; {name} {text}";
    }

    /// <summary>Prints the table, to be copied to <c>docs/benchmarks.md</c>.</summary>
    /// <param name="command">The command that made it.</param>
    public void Print(string command)
    {
        if (rows.Count == 0)
        {
            return;
        }

        Console.WriteLine();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"`{command}`, {Environment.ProcessorCount} processors, .NET {Environment.Version}, {DateTime.UtcNow:yyyy-MM-dd}:"));
        Console.WriteLine();
        Console.WriteLine("| work | ours | floor | Alembic's loop | ratio | to reach |");
        Console.WriteLine("|---|---|---|---|---|---|");
        foreach (var row in rows)
        {
            Console.WriteLine($"| {row.Work} | {row.Ours} | {row.Floor} | {row.Loop} | {row.Ratio} | {row.ToReach} |");
        }
    }
}
