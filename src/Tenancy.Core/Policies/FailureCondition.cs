using System.Globalization;
using Tenancy.Model;

namespace Tenancy.Core.Policies;

/// <summary>Lets nothing start once more tenants have failed than may. What was not begun for another cause (<c>Incomplete</c>) is no failure.</summary>
/// <param name="limit">How many may fail.</param>
/// <param name="total">How many tenants there are.</param>
/// <param name="scope">What is counted over, for the message: <c>the run</c>, or a ring.</param>
internal sealed class FailureCondition(FailureLimit limit, int total, string scope) : IStartCondition
{
    private readonly object access = new();
    private int failed;
    private StartRefusal? refusal;

    /// <summary>Why nothing starts any more, or null.</summary>
    public StartRefusal? Refusal
    {
        get
        {
            lock (access)
            {
                return refusal;
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask<StartRefusal?> AskAsync(StartQuestion work, CancellationToken cancellation) => new(Refusal);

    /// <inheritdoc/>
    public void End(StartQuestion work, MigrationResult result)
    {
        if (result.Failure is not { } failure || result.Status is not (MigrationStatus.Failed or MigrationStatus.InProgress or MigrationStatus.Recreated))
        {
            return;
        }

        lock (access)
        {
            failed++;
            if (refusal is null && limit.IsExceeded(failed, total))
            {
                refusal = new(
                    "NotReached",
                    string.Create(CultureInfo.InvariantCulture, $"{Count()} of {scope} failed, more than the {limit} that may: the last was {work.Target}: {failure.Message.TrimEnd('.')}"),
                    "Mend what failed, then pipe the failed and the incomplete results back in, or run again; -MaxFailures says how many may fail.");
            }
        }
    }

    private string Count() => failed == 1 ? "1 tenant" : string.Create(CultureInfo.InvariantCulture, $"{failed} tenants");
}
