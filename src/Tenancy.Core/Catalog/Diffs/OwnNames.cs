using Tenancy.Core.Operations;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>Tells the compared schema's own names, as the server printed them, from others': they are bare, or have the token that stands for the schema.</summary>
internal static class OwnNames
{
    /// <summary>The name without the own token; another schema's name as it is.</summary>
    /// <param name="printed">A name, or a type, as the server printed it or an operation names it.</param>
    /// <param name="token">The token.</param>
    public static string Bare(string printed, string token) => Prefix(token) is var prefix && printed.StartsWith(prefix, StringComparison.Ordinal) ? printed[prefix.Length..] : printed;

    /// <summary>The same, read: a name with a schema is another schema's.</summary>
    /// <param name="printed">A name, as the server printed it or an operation names it.</param>
    /// <param name="token">The token.</param>
    public static ObjectName Parse(string printed, string token) => ObjectName.Parse(Bare(printed, token));

    private static string Prefix(string token) => SqlTokens.InSql(token) + ".";
}
