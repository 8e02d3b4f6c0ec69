using Tenancy.Core.Planning;
using Tenancy.Model;

namespace Tenancy.Core.Rehearsals;

/// <summary>Turns rehearsals of a sample into an estimate for the fleet.</summary>
/// <param name="request">What the run would be asked.</param>
internal sealed class FleetEstimate(MigrationRequest request)
{
    private const string OneByOne = " Measured one after another, because shared work comes first or there is no history yet; side by side each may take longer.";

    private readonly List<PlanEstimate> plans = [];
    private readonly List<MigrationRehearsal> rehearsals = [];
    private (int Tenants, int Pending) count;

    /// <summary>Takes a database.</summary>
    /// <param name="database">The database.</param>
    /// <param name="results">Its rehearsals.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task AddAsync(DatabaseRehearsal database, IReadOnlyCollection<MigrationRehearsal> results, CancellationToken cancellation)
    {
        rehearsals.AddRange(results);
        count = (count.Tenants + database.Tenants.Length, count.Pending + database.Candidates.Length);
        if (results.FirstOrDefault(static result => result.Scope == "shared") is { } shared)
        {
            plans.Add(Describe(database, database.SharedPlan, [shared], [0], [], new() { [shared.Schema] = 0 }));
        }

        var bySchema = results.Where(static result => result.Scope == "tenant").ToDictionary(static result => result.Schema, StringComparer.Ordinal);
        foreach (var group in database.Candidates.GroupBy(static candidate => candidate.Plan, ReferenceEqualityComparer.Instance).OrderByDescending(static group => group.Count()))
        {
            var sample = group.Select(candidate => bySchema.GetValueOrDefault(candidate.Target.Schema)).OfType<MigrationRehearsal>().ToList();
            // What it locks it may rewrite or read.
            string[] tables = [.. sample.SelectMany(static result => result.Locks.Where(held => held.Schema == result.Schema)).Select(static held => held.Relation).Distinct().Order(StringComparer.Ordinal)];
            string[] schemas = [.. group.Select(static candidate => candidate.Target.Schema)];
            var sizes = tables.Length == 0 ? [] : await database.ReadSizesAsync(schemas, tables, cancellation);
            plans.Add(Describe(database, group.First().Plan, sample, [.. schemas.Select(schema => sizes.GetValueOrDefault(schema))], tables, sizes));
        }
    }

    /// <summary>How many plans are not in the sample, and so not in the figures.</summary>
    public int Missing => plans.Count(static plan => plan.Sampled == 0);

    /// <summary>The estimate.</summary>
    public MigrationEstimate Complete()
    {
        var measured = plans.FindAll(static plan => plan.Seconds is not null);
        return new()
        {
            Tenants = count.Tenants,
            Pending = count.Pending,
            Sampled = plans.Where(static plan => plan.Scope == "tenant").Sum(static plan => plan.Sampled),
            WouldFail = rehearsals.Count(static result => result.Status == RehearsalStatus.WouldFail),
            ThrottleLimit = request.ThrottleLimit,
            Seconds = Sum(static plan => plan.Seconds!.Value),
            LowSeconds = Sum(static plan => plan.LowSeconds!.Value),
            HighSeconds = Sum(static plan => plan.HighSeconds!.Value),
            Plans = [.. plans.OrderBy(static plan => plan.Scope != "shared")],
            Rehearsals = [.. rehearsals],
            RunId = request.RunId,
        };

        double? Sum(Func<PlanEstimate, double> part) => measured.Count == 0 && plans.Count > 0 ? null : Math.Round(measured.Sum(part), 3);
    }

    private PlanEstimate Describe(
        DatabaseRehearsal database, Plan? plan, List<MigrationRehearsal> sample, IReadOnlyCollection<double> fleet, string[] tables, Dictionary<string, double> sizes)
    {
        var measured = sample.FindAll(static result => result.Failure is null && result.Timings.Length > 0);
        var isShared = plan is null || plan.Scope == Manifests.MigrationScope.Shared;
        var estimate = new PlanEstimate
        {
            Database = database.Address.Database,
            Server = database.Address.Server.ToString(),
            Scope = isShared ? "shared" : "tenant",
            From = [.. plan?.From ?? []],
            To = [.. plan?.To ?? []],
            Revisions = [.. plan?.Revisions.Select(static step => step.Manifest.Revision) ?? []],
            Tenants = fleet.Count,
            Sampled = sample.Count,
            WouldFail = sample.Count(static result => result.Status == RehearsalStatus.WouldFail),
            Method = sample.Count == 0 ? "not in the sample: a larger one has one of each plan." : "none of the sample got through.",
            RanOtherwise = [.. sample.SelectMany(static result => result.RanOtherwise).Distinct()],
            NotRehearsed = [.. sample.SelectMany(static result => result.NotRehearsed).Distinct()],
        };
        if (measured.Count == 0)
        {
            return estimate;
        }

        var isSerial = isShared || plan!.Everything.Any(static transaction => !transaction.Touches.IsEmpty);
        var times = PlanTimes.Of([.. measured.Select(result => (sizes.GetValueOrDefault(result.Schema), Whole(result)))], fleet, tables, request.ThrottleLimit, isSerial);
        return estimate with
        {
            MedianSeconds = Median([.. measured.Select(Whole).Order()]),
            MaxSeconds = measured.Max(Whole),
            Seconds = Math.Round(times.Seconds, 3),
            LowSeconds = Math.Round(times.Low, 3),
            HighSeconds = Math.Round(times.High, 3),
            Method = isShared ? "as measured." : times.Method + (database.IsOneByOne && request.ThrottleLimit > 1 && !isSerial ? OneByOne : ""),
            Locks = [.. RehearsalReport.Ordered(measured.SelectMany(static result => result.Locks.Select(held => held.Schema == result.Schema ? held with { Schema = "" } : held)).GroupBy(static held => (held.Schema, held.Relation)).Select(Strongest))],
            LockCount = measured.Max(static result => result.LockCount),
            Statements =
            [
                .. measured.SelectMany(static result => result.Statements).GroupBy(static statement => (statement.Manifest, statement.Line, statement.Statement))
                    .Select(static group => group.MaxBy(static statement => statement.Seconds)!).OrderByDescending(static statement => statement.Seconds),
            ],
        };
    }

    private static RehearsedLock Strongest(IEnumerable<RehearsedLock> locks) =>
        locks.OrderByDescending(static held => RehearsalReport.Strength(held.Mode)).ThenByDescending(static held => held.Seconds).First();

    private static double Whole(MigrationRehearsal result) => result.Seconds + result.PauseSeconds;

    private static double Median(double[] ordered) => Math.Round((ordered[(ordered.Length - 1) / 2] + ordered[ordered.Length / 2]) / 2, 6);
}
