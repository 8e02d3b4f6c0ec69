namespace Tenancy.Model;

/// <summary>What went wrong for one tenant: what happened, where, and what to do.</summary>
public sealed record MigrationFailure
{
    private readonly string message = "";
    private readonly string? cause;

    /// <summary>A stable id in Pascal case, such as <c>LockTimeout</c>; the cmdlets put <c>TenantMigration.</c> before it.</summary>
    public string ErrorId { get; init; } = "";

    /// <summary>What happened, in one line; fit to be shown (<see cref="PrintableText"/>), whatever the server or a name had in it.</summary>
    public string Message
    {
        get => message;
        init => message = PrintableText.Of(value);
    }

    /// <summary>Where the cause is not the tenant's own (the shared schema before it failed, a limit of the run): that cause, in words that hold for all tenants that it kept from their work. Else null.</summary>
    public string? Cause
    {
        get => cause;
        init => cause = value is null ? null : PrintableText.Of(value);
    }

    /// <summary>What to do about it, or null.</summary>
    public string? RecommendedAction { get; init; }

    /// <summary>PostgreSQL's SQLSTATE (manual, appendix A), or null when the server had no part in it.</summary>
    public string? SqlState { get; init; }

    /// <summary>The revision that was under way, or null.</summary>
    public string? Revision { get; init; }

    /// <summary>The manifest, or null.</summary>
    public string? Manifest { get; init; }

    /// <summary>The line in the manifest, from 1; null when unknown.</summary>
    public int? Line { get; init; }

    /// <summary>The operation, such as <c>add_column</c>, or null.</summary>
    public string? Operation { get; init; }

    /// <summary>The statement as the manifest has it, before names and arguments; or null.</summary>
    public string? Statement { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Message;
}
