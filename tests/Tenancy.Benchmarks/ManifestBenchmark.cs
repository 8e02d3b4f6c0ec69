using System.Diagnostics;
using System.Globalization;
using Tenancy.Core.Manifests;

namespace Tenancy.Benchmarks;

/// <summary>Reading a folder of 10,000 manifests of ordinary size: files, YAML, forms, SQL, checksums.</summary>
internal static class ManifestBenchmark
{
    private const int Count = 10_000;

    /// <summary>Runs it.</summary>
    public static void Run()
    {
        var folder = Directory.CreateTempSubdirectory("tenancy-benchmark-");
        try
        {
            Write(folder.FullName);
            var project = ProjectReader.Read(folder.FullName);
            var before = Process.GetCurrentProcess().TotalProcessorTime;
            const int Times = 8;
            var timing = Timing.Of(Times, () => ManifestReader.ReadAll(project));
            var used = (Process.GetCurrentProcess().TotalProcessorTime - before).TotalSeconds / (Times + 1);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Reading {Count} manifests on {Environment.ProcessorCount} processors: {timing}; processor time {used:0.00} s"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Write(string folder)
    {
        File.WriteAllText(Path.Combine(folder, "tenancy.yaml"), "fleet: benchmark");
        for (var number = 0; number < Count; number++)
        {
            var path = Path.Combine(folder, "manifests", (number % 100).ToString("00", CultureInfo.InvariantCulture));
            Directory.CreateDirectory(path);
            File.WriteAllText(Path.Combine(path, $"{number:00000}.yaml"), $$$"""
                revision: r{{{number:00000}}}
                {{{(number == 0 ? "" : $"parent: r{number - 1:00000}")}}}
                description: Adds the table t{{{number}}} and an index on it
                up:
                  - create_table:
                      name: t{{{number}}}
                      columns:
                        - {name: id, type: bigint, identity: by default, primary_key: true}
                        - {name: customer_id, type: bigint, nullable: false, references: {table: customer, column: id, on_delete: cascade}}
                        - {name: total, type: "numeric(14,2)", nullable: false, default: 0}
                  - create_index: {name: t{{{number}}}_customer_idx, table: t{{{number}}}, columns: [customer_id]}
                  - sql: |
                      INSERT INTO tenant_schema.setting (key, value) VALUES ('t{{{number}}}', 'on');
                    undo: DELETE FROM tenant_schema.setting WHERE key = 't{{{number}}}'
                """);
        }
    }
}
