using System.Collections.Immutable;
using Tenancy.Core.Planning;

namespace Tenancy.Core.Execution;

/// <summary>What a transaction of a plan did.</summary>
/// <param name="Done">The stages that are committed, in order; a revision that was marked as applied has its first here, made its last.</param>
/// <param name="Skipped">What the first revision that was left out requires; the stages from its on are not done. Null where nothing was left out.</param>
internal sealed record TransactionOutcome(ImmutableArray<PlanStage> Done, RevisionCheck? Skipped = null);
