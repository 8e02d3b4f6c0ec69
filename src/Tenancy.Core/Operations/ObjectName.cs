using System.Text;
using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary>A table or other object as a manifest names it: <c>orders</c>, <c>shared.users</c>, or with double quotes where a name holds a dot.</summary>
/// <param name="Schema">The schema as written (a token or a real name); null means the schema of the revision's own scope.</param>
/// <param name="Name">The name, unquoted, in its own letters: typed operations never fold case.</param>
public sealed record ObjectName(string? Schema, string Name)
{
    /// <summary>Reads a name.</summary>
    /// <param name="text">The text of a manifest.</param>
    /// <param name="name">The name; null where there is a fault.</param>
    /// <param name="fault">What is wrong; null where there is a name.</param>
    internal static bool TryParse(string text, out ObjectName? name, out TextFault? fault)
    {
        name = null;
        var parts = new List<string>();
        fault = Split(text, parts);
        fault ??= parts.Select(CommonForms.CheckName).FirstOrDefault(static found => found is not null);
        if (fault is null && parts.Count > 2)
        {
            fault = new TextFault($"has {parts.Count} parts; write a name, or schema.name. A dot inside a name needs double quotes: '\"a.b\"'.");
        }

        if (fault is null)
        {
            name = parts.Count == 2 ? new ObjectName(parts[0], parts[1]) : new ObjectName(null, parts[0]);
        }

        return fault is null;
    }

    /// <summary>The name of a text that has been checked.</summary>
    internal static ObjectName Parse(string text) =>
        TryParse(text, out var name, out var fault) ? name! : throw new ArgumentException(fault!.Message, nameof(text));

    /// <summary>The qualified, quoted name with the project's tokens.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="home">The scope whose schema a bare name means.</param>
    public string ToSql(SqlTokens tokens, MigrationScope home) => $"{SchemaSql(tokens, home)}.{SqlIdentifier.Quote(Name)}";

    /// <summary>The schema with the project's tokens.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="home">The scope whose schema a bare name means.</param>
    public string SchemaSql(SqlTokens tokens, MigrationScope home) => SqlIdentifier.Quote(Schema ?? Home(tokens, home));

    /// <summary>The same name with its schema written.</summary>
    internal ObjectName Qualify(SqlTokens tokens, MigrationScope home) => Schema is null ? this with { Schema = Home(tokens, home) } : this;

    /// <summary>The name as a manifest writes it.</summary>
    public override string ToString() => Schema is null ? Name : $"{Schema}.{Name}";

    private static string Home(SqlTokens tokens, MigrationScope home) => home == MigrationScope.Tenant ? tokens.Tenant : tokens.Shared;

    private static TextFault? Split(string text, List<string> parts)
    {
        var at = 0;
        while (true)
        {
            var part = new StringBuilder();
            if (at < text.Length && text[at] == '"')
            {
                var begin = at++;
                while (at < text.Length && (text[at] != '"' || (at + 1 < text.Length && text[at + 1] == '"')))
                {
                    at += text[at] == '"' ? 1 : 0;
                    part.Append(text[at++]);
                }

                if (at++ >= text.Length)
                {
                    return new TextFault("has a double quote that is not closed.", begin);
                }
            }
            else
            {
                while (at < text.Length && text[at] is not ('.' or '"'))
                {
                    part.Append(text[at++]);
                }
            }

            if (string.IsNullOrWhiteSpace(part.ToString()))
            {
                return new TextFault("has an empty part; write a name, or schema.name.", Math.Min(at, text.Length));
            }

            parts.Add(part.ToString());
            if (at == text.Length)
            {
                return null;
            }

            if (text[at++] != '.')
            {
                return new TextFault("has a double quote in the middle of a name. Quote the whole part: '\"a\"\"b\"'.", at - 1);
            }
        }
    }
}
