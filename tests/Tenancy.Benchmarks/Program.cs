using Tenancy.Benchmarks;

// dotnet run -c Release --project tests/Tenancy.Benchmarks [graph] [manifests] [fleet]: all of them unless named.
var known = new Dictionary<string, Func<Task>>
{
    ["graph"] = static () => Task.Run(GraphBenchmark.Run),
    ["manifests"] = static () => Task.Run(ManifestBenchmark.Run),
    ["fleet"] = FleetBenchmark.RunAsync,
};
if (args.FirstOrDefault(name => !known.ContainsKey(name)) is { } unknown)
{
    Console.Error.WriteLine($"There is no benchmark '{unknown}'. There are: {string.Join(", ", known.Keys)}.");
    return 1;
}

foreach (var name in args.Length > 0 ? args : [.. known.Keys])
{
    await known[name]();
}

return 0;
