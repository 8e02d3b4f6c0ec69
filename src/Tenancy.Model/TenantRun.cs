namespace Tenancy.Model;

/// <summary>A run that had something to do in a database.</summary>
public sealed record TenantRun
{
    /// <summary>The run, as its results and its rows of history have it.</summary>
    public Guid RunId { get; init; }

    /// <summary>When it started, UTC.</summary>
    public DateTime Started { get; init; }

    /// <summary><c>up</c> or <c>down</c>.</summary>
    public string Direction { get; init; } = "";

    /// <summary>Where to: a revision, <c>head</c>, or a number of steps.</summary>
    public string Target { get; init; } = "";

    /// <summary>How much commits together: <c>PerRevision</c>, <c>PerTenant</c> or <c>AllTenants</c>.</summary>
    public string Transaction { get; init; } = "";

    /// <summary>The arguments, but for the secret ones.</summary>
    public Dictionary<string, string> Arguments { get; init; } = [];

    /// <summary>When all of it was safe on disk, UTC; null where each commit waited for the disk by itself, or the run did not get there.</summary>
    public DateTime? Durable { get; init; }

    /// <summary>True where this database keeps what -Resume needs.</summary>
    public bool IsKept { get; init; }

    /// <summary>The ring it came to; null without rings.</summary>
    public string? Ring { get; init; }

    /// <summary>When that ring's soak ends, UTC; null where it has none, or is not there yet.</summary>
    public DateTime? SoakUntil { get; init; }

    /// <summary>The database role that logged in.</summary>
    public string Who { get; init; } = "";

    /// <summary>The version of the tool.</summary>
    public string ToolVersion { get; init; } = "";

    /// <summary>The database.</summary>
    public string Database { get; init; } = "";

    /// <summary>The server.</summary>
    public string Server { get; init; } = "";

    /// <inheritdoc/>
    public override string ToString() => RunId.ToString();
}
