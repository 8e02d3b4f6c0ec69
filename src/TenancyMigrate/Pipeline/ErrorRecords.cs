using System.Data.Common;
using System.Management.Automation;
using Tenancy.Model;

namespace TenancyMigrate.Pipeline;

/// <summary>PowerShell's form of the engine's errors: a stable id, a category, the tenant as target, and what to do.</summary>
internal static class ErrorRecords
{
    private const string Prefix = "TenantMigration.";

    /// <summary>An error of the engine.</summary>
    public static ErrorRecord From(TenancyException error, object? target)
    {
        var sqlState = (error as MigrationException)?.Failure.SqlState ?? FindSqlState(error);
        return Make(error, error.ErrorId, sqlState, error.RecommendedAction, target);
    }

    /// <summary>What went wrong for one tenant of a run.</summary>
    public static ErrorRecord From(MigrationFailure failure, object target) =>
        Make(new MigrationException(failure), failure.ErrorId, failure.SqlState, failure.RecommendedAction, target);

    /// <summary>That tenants of a run failed, as an error that ends not only the statement but the script, as <c>throw</c> does.</summary>
    /// <param name="summary">How the run ended.</param>
    public static RuntimeException EndOfScript(MigrationSummary summary)
    {
        var reasons = string.Join("; ", summary.Failures.Select(static failure => $"{failure.Count} {failure.ErrorId} ({string.Join(", ", failure.Names)}{(failure.Count > failure.Names.Length ? ", …" : "")})"));
        var error = new TenancyException(
            "TenantsFailed",
            summary.IsSuccess ? "What was to be a tenant is none." : $"{summary.FailedCount} of {summary.Count} failed{(summary.IncompleteCount == 0 ? "" : $", {summary.IncompleteCount} were not reached")}: {reasons}. Run {summary.RunId}.",
            "The error of each, and its result, say what to do. Run again: what is done stays done.");
        return new(error.Message, error, From(error, summary)) { WasThrownFromThrowStatement = true };
    }

    /// <summary>The category of a SQLSTATE (PostgreSQL manual, appendix A), or of an error id where the server had no part in it.</summary>
    internal static ErrorCategory Categorize(string? sqlState, string errorId) => sqlState switch
    {
        ['2', '8', ..] => ErrorCategory.AuthenticationError,
        "42501" => ErrorCategory.PermissionDenied,
        ['0', '8', ..] => ErrorCategory.ConnectionError,
        "55P03" => ErrorCategory.ResourceBusy,
        "40P01" => ErrorCategory.DeadlockDetected,
        "57014" => ErrorCategory.OperationStopped,
        "42601" => ErrorCategory.SyntaxError,
        ['5', '3', ..] => ErrorCategory.ResourceUnavailable,
        ['2', '3', ..] => ErrorCategory.InvalidData,
        null => CategorizeId(errorId),
        _ => ErrorCategory.InvalidOperation,
    };

    private static ErrorCategory CategorizeId(string errorId) => errorId switch
    {
        "UnknownRevision" => ErrorCategory.ObjectNotFound,
        _ when errorId.EndsWith("NotFound", StringComparison.Ordinal) => ErrorCategory.ObjectNotFound,
        _ when errorId.StartsWith("Connection", StringComparison.Ordinal) => ErrorCategory.ConnectionError,
        _ when errorId.StartsWith("Invalid", StringComparison.Ordinal) => ErrorCategory.InvalidArgument,
        _ when errorId.EndsWith("Busy", StringComparison.Ordinal) => ErrorCategory.ResourceBusy,
        _ => ErrorCategory.InvalidOperation,
    };

    private static ErrorRecord Make(Exception error, string errorId, string? sqlState, string? action, object? target)
    {
        var record = new ErrorRecord(error, Prefix + errorId, Categorize(sqlState, errorId), target);
        if (action is not null)
        {
            record.ErrorDetails = new ErrorDetails(error.Message) { RecommendedAction = action };
        }

        return record;
    }

    private static string? FindSqlState(Exception? error) =>
        error is null ? null : (error as DbException)?.SqlState ?? FindSqlState(error.InnerException);
}
