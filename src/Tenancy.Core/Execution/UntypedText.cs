namespace Tenancy.Core.Execution;

/// <summary>A value of a command whose type the statement decides, as it does for a string literal.</summary>
/// <param name="Text">The value as PostgreSQL reads it.</param>
internal sealed record UntypedText(string Text);
