namespace Tenancy.Core.Planning;

/// <summary>When what a run commits is safe from a crash of the server.</summary>
public enum Durability
{
    /// <summary>
    /// At the run's end: tenants commit without waiting for the disk, and one commit a server, after all of them, waits for all. A crash before it may take back the last tenants, history included,
    /// never a part of one (PostgreSQL manual, 30.4).
    /// </summary>
    Run,

    /// <summary>With each commit.</summary>
    Each,
}
