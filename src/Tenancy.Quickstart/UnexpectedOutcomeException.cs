using System.Diagnostics.CodeAnalysis;

namespace Tenancy.Quickstart;

/// <summary>The quickstart saw something else than it should have: it ends with an exit code other than 0.</summary>
/// <param name="message">What it saw.</param>
internal sealed class UnexpectedOutcomeException(string message) : Exception(message)
{
    /// <summary>Goes on only where something holds.</summary>
    /// <param name="holds">Whether it does.</param>
    /// <param name="otherwise">What to say where it does not.</param>
    public static void Unless([DoesNotReturnIf(false)] bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new UnexpectedOutcomeException("This should not have happened: " + otherwise);
        }
    }
}
