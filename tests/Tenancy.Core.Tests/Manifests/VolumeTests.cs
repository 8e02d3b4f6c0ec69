using System.Diagnostics;
using System.Text;
using Xunit;

namespace Tenancy.Core.Tests.Manifests;

/// <summary>
/// Large files and many files. A release build takes some 2.4 s of processor time, shared by all cores, for 10,000 manifests, and about as much for 10 MB of rows.
/// The limits here are of processor time, alone in the process, and generous, so that they hold on a busy machine and break where the cost grows with the square.
/// </summary>
[Collection(nameof(VolumeTests))]
[CollectionDefinition(nameof(VolumeTests), DisableParallelization = true)]
public sealed class VolumeTests
{
    /// <summary>Seconds that the process has used of all processors.</summary>
    private static double ProcessorTime => Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds;

    [Fact]
    public void Ten_megabytes_are_read_in_a_few_seconds()
    {
        using var project = new TestProject();
        var manifest = new StringBuilder("revision: r1\nup:\n  - insert:\n      table: t\n      key: id\n      rows:\n");
        for (var row = 0; manifest.Length < (10 * 1024 * 1024) - 60; row++)
        {
            manifest.Append($"        - {{id: {row}, name: 'abc', ok: true}}\n");
        }

        project.Write("manifests/a.yaml", manifest.ToString());
        var before = ProcessorTime;
        var read = Assert.Single(project.ReadAll());

        Assert.InRange(ProcessorTime - before, 0, 15);
        Assert.True(read.Up[0].Statements.Length > 200);
    }

    [Fact]
    public void Ten_megabytes_of_sql_are_read_in_a_few_seconds()
    {
        using var project = new TestProject();
        var sql = string.Concat(Enumerable.Repeat("    INSERT INTO tenant_schema.t VALUES (1, 'abc');\n", 200_000));
        project.Write("manifests/a.yaml", $"revision: r1\ndown: []\nup:\n- sql: |\n{sql}");
        var before = ProcessorTime;
        var read = Assert.Single(project.ReadAll());

        Assert.InRange(ProcessorTime - before, 0, 15);
        Assert.Equal(200_000, read.Up[0].Statements.Length);
    }

    [Fact]
    public void Ten_thousand_manifests_are_read_fast()
    {
        using var project = new TestProject();
        for (var number = 0; number < 10_000; number++)
        {
            project.Write($"manifests/{number % 100:00}/{number:00000}.yaml", $$$"""
                revision: r{{{number:00000}}}
                parent: r{{{number - 1:00000}}}
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

        var before = ProcessorTime;
        var manifests = project.ReadAll();

        Assert.Equal(10_000, manifests.Length);
        Assert.InRange(ProcessorTime - before, 0, 15);
    }
}
