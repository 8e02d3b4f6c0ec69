namespace Tenancy.Core.History;

/// <summary>What to leave out of history.</summary>
public sealed record HistoryQuery
{
    /// <summary>Only this run; null for all.</summary>
    public Guid? RunId { get; init; }

    /// <summary>Only rows from this moment on, UTC; null for all.</summary>
    public DateTime? Since { get; init; }

    /// <summary>Only the newest so many rows of a database; null for all.</summary>
    public int? Last { get; init; }

    /// <summary>True to include rows of the shared schema.</summary>
    public bool IncludesShared { get; init; }
}
