namespace Tenancy.Model;

/// <summary>A failure on one tenant, with the place where it happened.</summary>
public sealed class MigrationException : TenancyException
{
    /// <summary>Makes the error.</summary>
    /// <param name="failure">What went wrong, and where.</param>
    /// <param name="innerException">The cause, or null.</param>
    public MigrationException(MigrationFailure failure, Exception? innerException = null)
        : base(Checked(failure).ErrorId, failure.Message, failure.RecommendedAction, innerException) => Failure = failure;

    /// <summary>What went wrong, and where.</summary>
    public MigrationFailure Failure { get; }

    private static MigrationFailure Checked(MigrationFailure failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return failure;
    }
}
