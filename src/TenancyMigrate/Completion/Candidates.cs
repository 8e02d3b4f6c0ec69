using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using TenancyMigrate.Connections;

namespace TenancyMigrate.Completion;

/// <summary>What a session's completers have read, by what was asked. By runspace, as <see cref="SessionConnection"/> is.</summary>
internal sealed class Candidates
{
    // Enough for a person who goes between two fleets.
    private const int Most = 8;

    // What says beside the choice where a connection goes.
    private static readonly string[] Variables = ["PGSERVICE", "PGSERVICEFILE", "PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER"];

    private static readonly ConditionalWeakTable<Runspace, Candidates> BySession = [];

    private readonly Dictionary<(CandidateKind Kind, ConnectionChoice Choice, string Variables), CandidateReading> readings = [];

    /// <summary>What the session asks by that choice. Asked on the pipeline's thread.</summary>
    /// <param name="kind">What is asked for.</param>
    /// <param name="choice">Where.</param>
    public static CandidateReading Find(CandidateKind kind, ConnectionChoice choice)
    {
        var own = BySession.GetValue(Runspace.DefaultRunspace, static _ => new()).readings;
        var key = (kind, choice, string.Join('\n', Variables.Select(Environment.GetEnvironmentVariable)));
        if (!own.TryGetValue(key, out var reading))
        {
            if (own.Count == Most)
            {
                own.Clear();
            }

            own.Add(key, reading = new());
        }

        return reading;
    }

    /// <summary>Forgets what the session has read.</summary>
    public static void Forget()
    {
        if (Runspace.DefaultRunspace is { } session)
        {
            BySession.Remove(session);
        }
    }
}
