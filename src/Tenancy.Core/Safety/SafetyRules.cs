using System.Collections.Immutable;
using Tenancy.Core.Safety.Rules;

namespace Tenancy.Core.Safety;

/// <summary>All safety checks.</summary>
internal static class SafetyRules
{
    /// <summary>The id of what is said of a suppression that keeps nothing back; it cannot be suppressed.</summary>
    public const string UnusedSuppression = "unused-suppression";

    /// <summary>The rules, in the order in which they are told.</summary>
    public static ImmutableArray<SafetyRule> All { get; } =
    [
        Rewrites.TableRewrite, Rewrites.TypeChange, VolatileDefaults.Rule, Rewrites.LockDuringScan, Constraints.NotNullScan, Constraints.WithoutNotValid, Constraints.BuildsIndex, Indexes.NotConcurrent,
        Transactions.AfterLock, InUse.Rename, InUse.Drop, HardCodedSchemas.Rule, LateNames.Rule, Constraints.SharedKey, Transactions.EnumValue, LongNames.Rule, Indexes.Missing, Undo.LosesData, Transactions.CannotResume,
    ];

    /// <summary>Their ids: what <c>suppress</c> takes.</summary>
    public static ImmutableArray<string> Ids { get; } = [.. All.Select(static rule => rule.Id)];
}
