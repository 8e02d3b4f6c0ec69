namespace Tenancy.LocalPostgres;

/// <summary>No throwaway server could be made; the message says why and what to install or set.</summary>
public sealed class LocalPostgresException : Exception
{
    /// <summary>Makes the error.</summary>
    /// <param name="message">What happened, where, and what to do.</param>
    /// <param name="innerException">The cause, or null.</param>
    public LocalPostgresException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
