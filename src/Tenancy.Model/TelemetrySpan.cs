using System.Diagnostics;

namespace Tenancy.Model;

/// <summary>A span that is open; nothing where nobody listens. Ends when it is disposed.</summary>
/// <param name="activity">The span, or null.</param>
internal readonly struct TelemetrySpan(Activity? activity) : IDisposable
{
    /// <summary>What other spans name as their parent.</summary>
    public ActivityContext Context => activity?.Context ?? default;

    /// <summary>Says how it ended.</summary>
    /// <param name="result">The result of the tenant.</param>
    public void End(MigrationResult result)
    {
        if (activity is null)
        {
            return;
        }

        activity.SetTag("tenancy.status", result.Status).SetTag("tenancy.direction", result.Direction).SetTag("tenancy.revision.count", result.Revisions.Length);
        if (result.Failure is { } failure)
        {
            activity.SetTag("error.type", failure.ErrorId).SetTag("db.response.status_code", failure.SqlState).SetStatus(ActivityStatusCode.Error, failure.Message);
        }
    }

    /// <summary>Says how a run ended.</summary>
    /// <param name="failed">How many of its results are failures.</param>
    public void End(int failed)
    {
        if (activity is null)
        {
            return;
        }

        activity.SetTag("tenancy.failed.count", failed);
        if (failed > 0)
        {
            activity.SetStatus(ActivityStatusCode.Error, $"{failed} failed");
        }
    }

    /// <summary>Says that it was ended by an error, which no result has.</summary>
    /// <param name="errorId">The error.</param>
    public void Fail(string errorId) => activity?.SetTag("error.type", errorId).SetStatus(ActivityStatusCode.Error);

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            activity?.Dispose();
        }
        catch (Exception)
        {
            // What listens threw, before what was open around the span is so again.
            Activity.Current = Activity.Current == activity ? activity?.Parent : Activity.Current;
        }
    }
}
