using System.Text.Json;
using Npgsql;

namespace Tenancy.Core.Execution.Steps;

/// <summary>What one batch of a change of rows did.</summary>
/// <param name="Position">The key of its last row, as a JSON array; null where it took none.</param>
/// <param name="Taken">How many rows it took.</param>
/// <param name="Changed">How many of them are changed: a trigger may leave some as they are.</param>
internal sealed record BatchPlace(string? Position, long Taken, long Changed)
{
    /// <summary>True when the reader stands at the result of a batch.</summary>
    public static bool IsResult(NpgsqlDataReader reader) => reader.FieldCount == 3 && reader.GetName(0) == "tenancy_position" && reader.GetName(1) == "tenancy_rows";

    /// <summary>Reads the result.</summary>
    public static async Task<BatchPlace> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellation)
    {
        await reader.ReadAsync(cancellation);
        return new(await reader.IsDBNullAsync(0, cancellation) ? null : reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2));
    }

    /// <summary>The key values of a position, as parameters without a type: the columns decide it.</summary>
    /// <param name="position">The position.</param>
    public static object?[] Values(string position)
    {
        using var array = JsonDocument.Parse(position);
        return [.. array.RootElement.EnumerateArray().Select(static value => new UntypedText(value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText()))];
    }
}
