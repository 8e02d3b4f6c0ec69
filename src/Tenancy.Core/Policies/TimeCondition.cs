using System.Globalization;
using Tenancy.Core.Execution;
using Tenancy.Core.Manifests;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Policies;

/// <summary>Lets nothing start that, as far as durations were measured, would not end in time.</summary>
/// <param name="until">When all is to be at an end, UTC.</param>
/// <param name="project">The project.</param>
/// <param name="connector">Opens connections, to read durations of earlier runs.</param>
/// <param name="log">Told where they cannot be read.</param>
internal sealed class TimeCondition(DateTime until, TenancyProject project, DatabaseConnector connector, IRunLog log) : IStartCondition
{
    private readonly PlanDurations durations = new(project, connector, log);

    /// <inheritdoc/>
    public async ValueTask<StartRefusal?> AskAsync(StartQuestion work, CancellationToken cancellation)
    {
        if (DateTime.UtcNow >= until)
        {
            return Refuse("that time is over");
        }

        if (work.Plan is null)
        {
            return null;
        }

        var expected = await durations.EstimateAsync(work, cancellation);
        return DateTime.UtcNow.AddSeconds(expected) <= until ? null
            : Refuse(string.Create(CultureInfo.InvariantCulture, $"as measured so far it takes up to {expected:0.###} s, and {Math.Max(0, (until - DateTime.UtcNow).TotalSeconds):0.###} s are left"));
    }

    /// <inheritdoc/>
    public void End(StartQuestion work, MigrationResult result) => durations.Add(work, result);

    private StartRefusal Refuse(string why)
    {
        var end = string.Create(CultureInfo.InvariantCulture, $"all is to end by {until:yyyy-MM-dd HH:mm:ss}Z");
        return new("OutOfTime", $"{end}, and {why}", "Pipe the incomplete results back in, or run again, when there is time: what is done stays done.") { Common = end };
    }
}
