using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Model;

namespace Tenancy.Core.Execution.AllTenants;

/// <summary>The results of one database of a run in which all tenants commit together: nothing is called migrated before its COMMIT.</summary>
/// <param name="database">The database.</param>
/// <param name="request">What was to be done.</param>
internal sealed class AllTenantsResults(AllTenantsDatabase database, MigrationRequest request)
{
    /// <summary>When everything was rolled back: the one that failed, and those that stand where they were.</summary>
    /// <param name="failed">What failed.</param>
    public IEnumerable<MigrationResult> RolledBack(AllTenantsFailure failed)
    {
        var isHere = failed.Database == database;
        var cause = $"all tenants are one transaction, and {failed.Target?.ToString() ?? failed.Database.Address.ToString()} failed: {failed.Failure.Message}";
        if (isHere && failed.Target is { Scope: MigrationScope.Shared } shared)
        {
            yield return AsBefore(shared) with { Status = MigrationStatus.Failed, Failure = failed.Failure };
        }

        foreach (var target in database.Tenants)
        {
            if (isHere && (failed.Target is null || failed.Target == target))
            {
                yield return AsBefore(target) with { Status = failed.Failure.ErrorId == "Recreated" ? MigrationStatus.Recreated : MigrationStatus.Failed, Failure = failed.Failure };
                continue;
            }

            yield return AsBefore(target) with
            {
                Status = MigrationStatus.Incomplete,
                Failure = new()
                {
                    ErrorId = "RolledBack",
                    Message = $"{target} stands where it was: {cause}",
                    Cause = cause,
                    RecommendedAction = "Mend what failed and run again.",
                },
            };
        }
    }

    /// <summary>When COMMIT was tried.</summary>
    /// <param name="outcomes">What became of it in each database.</param>
    public IEnumerable<MigrationResult> Decided(IReadOnlyCollection<CommitOutcome> outcomes)
    {
        var schemas = database.Schemas!;
        foreach (var part in schemas.Tenants.Prepend(schemas.Shared))
        {
            var result = part.ToResult(Waits(part), part.Started ?? DateTime.UtcNow, part.Seconds);
            if (part.Target.Scope == MigrationScope.Tenant || result.Status != MigrationStatus.UpToDate || (database.Tenants.IsEmpty && request.Scope == MigrationScope.Shared))
            {
                yield return result.Status == MigrationStatus.UpToDate ? result : Decide(result, part, outcomes);
            }
        }
    }

    private MigrationResult Decide(MigrationResult result, SchemaProgress part, IReadOnlyCollection<CommitOutcome> outcomes)
    {
        var elsewhere = outcomes.Where(outcome => outcome.Database != database && outcome.Database.HadWork).ToLookup(static outcome => outcome.Failure is null);
        if (outcomes.Single(outcome => outcome.Database == database).Failure is { } failure)
        {
            var committed = elsewhere[true].Any() ? $" Committed already: {string.Join(", ", elsewhere[true].Select(static outcome => outcome.Database.Address))}." : "";
            var message = $"{failure.Message}{committed}";
            return result with
            {
                Status = failure.ErrorId == "OutcomeUnknown" ? MigrationStatus.Failed : MigrationStatus.Incomplete,
                Revisions = [],
                MarkedApplied = [],
                To = result.From,
                Failure = failure with { Message = $"{part.Target}: {message}", Cause = message },
            };
        }

        return elsewhere[false].Any() && database.HadWork
            ? result with
            {
                Failure = new()
                {
                    ErrorId = "PartlyCommitted",
                    Message = $"{part.Target} is committed in {database.Address}, but not everything is: {string.Join(" ", elsewhere[false].Select(static outcome => outcome.Failure!.Message))}",
                    RecommendedAction = "Run again to bring the others there, or undo here.",
                },
            }
            : result;
    }

    private MigrationFailure? Waits(SchemaProgress part) => part.Target.Scope == MigrationScope.Tenant && part.Waiting is [{ } waiting, ..]
        ? new()
        {
            ErrorId = "WaitsForShared",
            Message = $"{part.Target}: revision {waiting.Manifest.Revision} waits for {string.Join(", ", waiting.OtherScope)} of the shared schema, which is not applied in {database.Address}.",
            RecommendedAction = "Run without -Scope Tenant, or bring the shared schema there first.",
        }
        : null;

    private MigrationResult AsBefore(SchemaTarget target)
    {
        string[] heads = [.. database.HeadsBefore(target)];
        return new()
        {
            Name = target.Name,
            Schema = target.Schema,
            Database = target.Address.Database,
            Server = target.Address.Server.ToString(),
            Scope = target.ScopeName,
            Direction = request.Direction == RevisionDirection.Up ? "up" : "down",
            From = heads,
            To = heads,
            Started = DateTime.UtcNow,
            RunId = request.RunId,
            Labels = target.Labels,
        };
    }
}
