using Tenancy.Core.Planning;
using Tenancy.Model;

namespace Tenancy.Core.Policies;

/// <summary>Refuses policies that make no sense, before anything is touched.</summary>
internal static class PolicyCheck
{
    /// <summary>Checks a request.</summary>
    /// <param name="request">The request.</param>
    /// <exception cref="TenancyException"><c>InvalidPolicy</c>.</exception>
    public static void Ensure(MigrationRequest request)
    {
        if (request.MaxReplicaLag is { } lag && lag <= TimeSpan.Zero)
        {
            throw new TenancyException("InvalidPolicy", $"A replica's lag is always more than {lag}.", "Give -MaxReplicaLag a length of time above zero, such as 0:00:10.");
        }

        if (request.Transaction != TransactionMode.AllTenants)
        {
            return;
        }

        string? without = request switch
        {
            { MaxFailures: not null } => "a limit of failures: one failure rolls back all of them anyway",
            { Until: not null } => "an end in time: they are begun and ended together, and a warning says how long that takes",
            { MaxReplicaLag: not null } => "a limit of the replicas' lag: they see nothing of it before its COMMIT",
            { Rollout: not null } => "rings: they would begin and end together",
            _ => null,
        };
        if (without is not null)
        {
            throw new TenancyException("InvalidPolicy", $"One transaction of all tenants cannot have {without}.", "Leave out the limit, or -Transaction AllTenants.");
        }
    }
}
