namespace Tenancy.Core.Provisioning;

/// <summary>A routine that is to be written anew because it names a schema.</summary>
/// <param name="Place">What it is, for people.</param>
/// <param name="Definition">The statement.</param>
/// <param name="Role">Who runs it; null for the login itself.</param>
/// <param name="Shared">Its name, where it lies in the shared schema; null for the tenant's own.</param>
internal sealed record RenamedRoutine(string Place, string Definition, string? Role, string? Shared);
