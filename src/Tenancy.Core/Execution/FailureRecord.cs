using System.Globalization;
using Npgsql;
using Tenancy.Core.History;
using Tenancy.Model;

namespace Tenancy.Core.Execution;

/// <summary>Writes a failure to history, after the rollback.</summary>
internal static class FailureRecord
{
    /// <summary>Writes it if it can: the failure itself is what the user must hear of, not that it could not be written.</summary>
    /// <param name="context">The run.</param>
    /// <param name="target">The schema.</param>
    /// <param name="failure">What went wrong.</param>
    /// <param name="started">When work on the schema started, UTC.</param>
    public static async Task WriteAsync(RunContext context, SchemaTarget target, MigrationFailure failure, DateTime started)
    {
        try
        {
            await using var connection = await context.Connector.OpenAsync(target.Address, CancellationToken.None);
            await using var batch = new NpgsqlBatch(connection);
            batch.AddBegin(context, target);
            batch.Add(
                context.History.File("record_failure"),
                context.Request.RunId,
                context.Project.Fleet,
                target.ScopeName,
                target.Schema,
                target.Name,
                failure.Revision,
                context.Direction,
                ToolVersion.Text,
                failure.SqlState,
                failure.Manifest is null ? null : failure.Line is { } line ? string.Create(CultureInfo.InvariantCulture, $"{failure.Manifest}:{line}") : failure.Manifest,
                failure.Message,
                started);
            batch.Add("COMMIT");
            await batch.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (Exception error) when (error is NpgsqlException or TenancyException or IOException)
        {
            context.Log.Warn($"{target}: the failure could not be written to history: {error.Message}");
        }
    }
}
