using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using TenancyMigrate.Completion;

namespace TenancyMigrate.Connections;

/// <summary>The default connection of each session. By runspace, so jobs and threads that share the process do not share it.</summary>
internal static class SessionConnection
{
    private static readonly ConditionalWeakTable<Runspace, ConnectionChoice> BySession = [];

    /// <summary>The session's default, or null. Asked on the pipeline's thread.</summary>
    public static ConnectionChoice? Current =>
        Runspace.DefaultRunspace is { } runspace && BySession.TryGetValue(runspace, out var choice) ? choice : null;

    /// <summary>Makes a choice the session's default.</summary>
    public static void Remember(ConnectionChoice choice)
    {
        Candidates.Forget();
        BySession.AddOrUpdate(Runspace.DefaultRunspace, choice);
    }

    /// <summary>Forgets the session's default.</summary>
    /// <returns>False when there was none.</returns>
    public static bool Forget()
    {
        Candidates.Forget();
        return Runspace.DefaultRunspace is { } runspace && BySession.Remove(runspace);
    }
}
