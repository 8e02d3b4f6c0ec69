using Tenancy.Benchmarks;

// dotnet run -c Release --project tests/Tenancy.Benchmarks [graph] [manifests]: all of them unless named.
var known = new Dictionary<string, Action>
{
    ["graph"] = GraphBenchmark.Run,
    ["manifests"] = ManifestBenchmark.Run,
};
if (args.FirstOrDefault(name => !known.ContainsKey(name)) is { } unknown)
{
    Console.Error.WriteLine($"There is no benchmark '{unknown}'. There are: {string.Join(", ", known.Keys)}.");
    return 1;
}

foreach (var name in args.Length > 0 ? args : [.. known.Keys])
{
    known[name]();
}

return 0;
