using Tenancy.Core.Manifests;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Safety.Reading;

/// <summary>A table, or another object, that a statement names.</summary>
/// <param name="Schema">The schema as manifests write it: the tenant's token, the shared one, or a real name. A bare name has the token of its revision's scope.</param>
/// <param name="Name">The name, unquoted.</param>
internal sealed record TableName(string Schema, string Name)
{
    /// <summary>Reads a name; <paramref name="index"/> moves behind it.</summary>
    /// <param name="code">The statement.</param>
    /// <param name="index">Where it begins.</param>
    /// <param name="tokens">The project's tokens.</param>
    /// <param name="home">The scope of the revision.</param>
    /// <returns>Null where no name stands there.</returns>
    public static TableName? Read(SqlCode code, ref int index, SqlTokens tokens, MigrationScope home)
    {
        var own = home == MigrationScope.Tenant ? tokens.Tenant : tokens.Shared;
        if (code.Kind(index + 1) == SqlTokenKind.Dot && code.Name(index + 2) is { } name)
        {
            // A substitution before a dot is a schema.
            var schema = code.Kind(index) == SqlTokenKind.Placeholder ? code.Span(index).StartsWith("${shared", StringComparison.Ordinal) ? tokens.Shared : tokens.Tenant : code.Name(index);
            index += 3;
            return schema is null ? null : new(schema, name);
        }

        return code.Name(index) is { } bare && index++ >= 0 ? new(own, bare) : null;
    }

    /// <summary>The name as it is shown: without the tenant's token.</summary>
    /// <param name="tokens">The project's tokens.</param>
    public string Show(SqlTokens tokens) => Schema == tokens.Tenant ? Name : $"{Schema}.{Name}";
}
