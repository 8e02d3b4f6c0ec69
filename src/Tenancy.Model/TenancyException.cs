namespace Tenancy.Model;

/// <summary>An error that says what happened, and what to do. Lives here, not in the engine, because PowerShell sees no type of a private load context.</summary>
public class TenancyException : Exception
{
    /// <summary>Makes the error.</summary>
    /// <param name="errorId">A stable id in Pascal case, such as <c>LockTimeout</c>.</param>
    /// <param name="message">What happened, and where; made fit to be shown (<see cref="PrintableText"/>).</param>
    /// <param name="recommendedAction">What to do about it.</param>
    /// <param name="innerException">The cause, or null.</param>
    public TenancyException(string errorId, string message, string? recommendedAction = null, Exception? innerException = null)
        : base(PrintableText.Of(message), innerException)
    {
        ErrorId = errorId;
        RecommendedAction = recommendedAction is null ? null : PrintableText.Of(recommendedAction);
    }

    /// <summary>A stable id in Pascal case; the cmdlets put <c>TenantMigration.</c> before it.</summary>
    public string ErrorId { get; }

    /// <summary>What to do about it, or null.</summary>
    public string? RecommendedAction { get; }
}
