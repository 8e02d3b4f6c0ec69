namespace Tenancy.Core.Tenants;

/// <summary>
/// Which life of a server it is: it ends with a stop, and with the crash of any of its processes, after which the postmaster lives on and replaces all the others (manual, restart_after_crash). Then what was committed without waiting for the disk may be lost.
/// </summary>
/// <param name="Start">When the postmaster was started.</param>
/// <param name="Reset">When the statistics of the log were last reset: by hand, or by recovery from a crash (manual, 28.2.1). Null where the server does not tell.</param>
/// <param name="Processes">The processes that serve no database; those of other roles are shown to everybody, but not which is which.</param>
public sealed record ServerLife(DateTime Start, DateTime? Reset, IReadOnlyList<int> Processes)
{
    // Checkpointer, background writer and WAL writer live as long as the server does; others come and go. That after a crash three have the numbers of three from before does not happen.
    private const int Constant = 3;

    /// <summary>True where the server has lived on from one to the other: nothing was reset, or what was reset outlived it.</summary>
    /// <param name="later">What it told later.</param>
    public bool IsSame(ServerLife later)
    {
        ArgumentNullException.ThrowIfNull(later);
        return Start == later.Start && ((Reset is not null && Reset == later.Reset) || Processes.Intersect(later.Processes).Count() >= Constant);
    }
}
