namespace Tenancy.Core.Execution.Waiting;

/// <summary>What failed while somebody blocked it.</summary>
/// <param name="blockers">Who was seen.</param>
/// <param name="error">What it failed with.</param>
internal sealed class BlockedException(BlockerWatch blockers, Exception error) : Exception(error.Message, error)
{
    /// <summary>Who was seen.</summary>
    public BlockerWatch Blockers => blockers;
}
