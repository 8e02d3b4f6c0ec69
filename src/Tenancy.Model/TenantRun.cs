using System.Globalization;

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

    /// <summary>How many schemas, tenants' and the shared one, it brought to where they were to be; null where that was not counted. Those that had nothing to do, or were not reached, are not in the history.</summary>
    public int? Done { get; init; }

    /// <summary>How many failed; null where that was not counted. One that failed and was done when the run was gone on with is done.</summary>
    public int? Failed { get; init; }

    /// <summary>How many stand at a step outside a transaction of which nobody knows how it ended; null where that was not counted.</summary>
    public int? InProgress { get; init; }

    /// <summary>These in words, such as <c>24 done, 1 failed</c>; null where that was not counted.</summary>
    public string? Outcome => Done is null ? null
        : string.Create(CultureInfo.InvariantCulture, $"{Done} done{(Failed > 0 ? $", {Failed} failed" : "")}{(InProgress > 0 ? $", {InProgress} in progress" : "")}");

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
