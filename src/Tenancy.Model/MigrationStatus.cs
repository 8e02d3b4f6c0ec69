namespace Tenancy.Model;

/// <summary>The closed set of values of <see cref="MigrationResult.Status"/>. Text, because enums become numbers in JSON and Clixml.</summary>
public static class MigrationStatus
{
    /// <summary>Brought to where it was asked to be.</summary>
    public const string Migrated = nameof(Migrated);

    /// <summary>Was there already; nothing was done.</summary>
    public const string UpToDate = nameof(UpToDate);

    /// <summary>Another run brought it to where this one was to, while this one was at work; this one did nothing there. No failure.</summary>
    public const string TakenElsewhere = nameof(TakenElsewhere);

    /// <summary>Stands at the last revision's boundary before the error.</summary>
    public const string Failed = nameof(Failed);

    /// <summary>Stands at a named step of a revision with non-transactional steps; the next run goes on there.</summary>
    public const string InProgress = nameof(InProgress);

    /// <summary>Not begun, or not finished, for a cause not its own: the run was stopped, or the shared revision before it failed.</summary>
    public const string Incomplete = nameof(Incomplete);

    /// <summary>Stands before a revision whose requirement it does not meet (<c>on_fail: skip</c>), or has all but that and what follows it; the next run asks again.</summary>
    public const string Skipped = nameof(Skipped);

    /// <summary>A shared revision that waits until every registered tenant of the database has the revisions it depends on.</summary>
    public const string WaitingForTenants = nameof(WaitingForTenants);

    /// <summary>The schema was dropped and made again since (a restore): nothing runs on it until it is stamped.</summary>
    public const string Recreated = nameof(Recreated);
}
