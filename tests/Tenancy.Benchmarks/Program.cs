using System.Globalization;
using Tenancy.Benchmarks;

// dotnet run -c Release --project tests/Tenancy.Benchmarks [-- [--quick] [--minutes n] [name ...]]: all of them unless named.
if (args is [EngineProcess.Verb, ..])
{
    await EngineProcess.RunAsync(args);
    return 0;
}

if (args is [DriftProcess.Verb, ..])
{
    await DriftProcess.RunAsync(args);
    return 0;
}

var known = new Dictionary<string, Func<BenchmarkRun, Task>>
{
    ["graph"] = static _ => Task.Run(GraphBenchmark.Run),
    ["manifests"] = static _ => Task.Run(ManifestBenchmark.Run),
    ["small"] = SmallRevisionBenchmark.RunAsync,
    ["nothing"] = NothingBenchmark.RunAsync,
    ["whole"] = WholeWorkloadBenchmark.RunAsync,
    ["remote"] = RemoteBenchmark.RunAsync,
    ["growth"] = GrowthBenchmark.RunAsync,
    ["drift"] = DriftBenchmark.RunAsync,
    ["autogenerate"] = AutogenerateBenchmark.RunAsync,
    ["import"] = ImportBenchmark.RunAsync,
    ["completion"] = CompletionBenchmark.RunAsync,
    ["report"] = ReportBenchmark.RunAsync,
    ["safety"] = SafetyBenchmark.RunAsync,
    ["provision"] = ProvisionBenchmark.RunAsync,
    ["endurance"] = EnduranceBenchmark.RunAsync,
};
var isQuick = false;
var minutes = 5.0;
List<string> names = [];
for (var at = 0; at < args.Length; at++)
{
    switch (args[at])
    {
        case "--quick":
            isQuick = true;
            break;
        case "--minutes" when at + 1 < args.Length && double.TryParse(args[at + 1], NumberStyles.Float, CultureInfo.InvariantCulture, out minutes) && minutes > 0:
            at++;
            break;
        case var name when known.ContainsKey(name):
            names.Add(name);
            break;
        case var unknown:
            Console.Error.WriteLine($"'{unknown}' is no benchmark. There are: {string.Join(", ", known.Keys)}; and --quick, to see that all runs, and --minutes n, for how long endurance goes on.");
            return 1;
    }
}

var run = new BenchmarkRun(isQuick, TimeSpan.FromMinutes(isQuick ? 0.2 : minutes));
foreach (var name in names.Count > 0 ? names : [.. known.Keys])
{
    await known[name](run);
}

run.Print($"dotnet run -c Release --project tests/Tenancy.Benchmarks{(args.Length == 0 ? "" : " -- " + string.Join(' ', args))}");
return 0;
