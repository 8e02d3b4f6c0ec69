namespace Tenancy.Core.Sql;

/// <summary>The schema names that a manifest writes where the real schemas go.</summary>
/// <param name="Tenant">Stands for the tenant's schema; <c>tenant_schema</c> unless the project says otherwise.</param>
/// <param name="Shared">Stands for the shared schema; <c>shared</c> unless the project says otherwise.</param>
public sealed record SqlTokens(string Tenant = "tenant_schema", string Shared = "shared")
{
    /// <summary>A token as generated SQL has it: quoted only where a server would read another name without.</summary>
    /// <param name="token">The token.</param>
    internal static string InSql(string token) => token.All(static character => char.IsAsciiLetterLower(character) || character == '_') ? token : SqlIdentifier.Quote(token);
}
