using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>The operations on partitions through the engine.</summary>
public sealed class PartitionRoundTripTests
{
    private const string Base = """
        revision: aaaa0001
        up:
          - create_table: {name: event, columns: [{name: id, type: bigint}, {name: day, type: date}], partition_by: {method: range, columns: [day]}}
          - create_partition: {name: event_2026, table: event, values: {from: [2026-01-01], to: [2027-01-01]}}
          - create_table: {name: old, columns: [{name: id, type: bigint}, {name: day, type: date}]}
        """;

    public static TheoryData<string> Operations => new()
    {
        "create_table: {name: City, columns: [{name: name, type: text}], partition_by: {method: list, columns: [{expression: lower(name)}]}}\n  - create_partition: {name: North, table: City, values: {in: [kiel, \"hu'sum\", null]}, comment: North}\n  - create_partition: {name: rest, table: City, values: default}",
        "create_partition: {name: early, table: event, values: {from: [{sql: MINVALUE}], to: [2020-01-01]}, partition_by: {method: hash, columns: [id]}}\n  - create_partition: {name: early_1, table: early, values: {modulus: 2, remainder: 1}}",
        "attach_partition: {table: event, partition: old, values: {from: [2027-01-01], to: [{sql: MAXVALUE}]}}",
        "detach_partition: {table: event, partition: event_2026, was: {values: {from: [2026-01-01], to: [2027-01-01]}}}",
        "drop_partition: {name: event_2026, was: {table: event, values: {from: [2026-01-01], to: [2027-01-01]}}}",
    };

    [Theory]
    [MemberData(nameof(Operations))]
    public Task Up_down_and_up_again(string operation) => RoundTrip.RunAsync(Base, operation);
}
