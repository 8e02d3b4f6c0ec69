namespace Tenancy.Core.History;

/// <summary>What history has of a run on one schema: a revision that it brought to its end, or one of its stages before that.</summary>
/// <param name="Revision">The revision.</param>
/// <param name="Stage">The stage, from 1; null for the one that moved the head, most often the only one.</param>
/// <param name="IsDone">False where the stage was started.</param>
/// <param name="IsMarked">True where the revision was recorded as applied and not run.</param>
/// <param name="Seconds">How long the transaction took until it was recorded, seconds.</param>
internal sealed record RecordedStage(string Revision, int? Stage, bool IsDone, bool IsMarked, double Seconds)
{
    /// <summary>True where the revision was brought to its end.</summary>
    public bool IsEnd => Stage is null && IsDone;
}
