using System.Collections.Immutable;
using Tenancy.Core.Manifests;
using Tenancy.Core.Sql;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Sql;

/// <summary>Compiles SQL as a manifest does, and renders it for a tenant.</summary>
internal static class Compiling
{
    public static readonly SqlValues Acme = new()
    {
        TenantSchema = "acme",
        TenantName = "Acme",
        SharedSchema = "common",
        Arguments = new Dictionary<string, string> { ["key"] = "value", ["it"] = "it's" },
    };

    public static (ImmutableArray<SqlStatement> Statements, List<ManifestError> Errors) Compile(string sql)
    {
        var errors = new List<ManifestError>();
        var statements = new SqlCompiler(new SqlTokens()).Compile(new SourceText(sql, new SourcePosition("m.yaml", 1, 1)), errors);
        return (statements, errors);
    }

    public static SqlStatement One(string sql)
    {
        var (statements, errors) = Compile(sql);
        Assert.Empty(errors);
        return Assert.Single(statements);
    }

    public static string Render(string sql, SqlValues? values = null) => One(sql).Template.Render(values ?? Acme);

    public static ManifestError Error(string sql)
    {
        var (statements, errors) = Compile(sql);
        Assert.Empty(statements);
        return Assert.Single(errors);
    }

    public static List<SqlToken> Tokens(string sql) => [.. SqlLexer.Tokenize(sql, (at, message) => Assert.Fail($"{at}: {message}"))];

    /// <summary>The tokens that say something, as text.</summary>
    public static string[] Words(string sql) => [.. Tokens(sql).Where(token => !token.IsTrivia).Select(token => sql.Substring(token.Start, token.Length))];
}
