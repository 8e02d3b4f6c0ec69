using System.Collections.Immutable;
using Tenancy.Core.Manifests;
using Tenancy.Model;

namespace Tenancy.Core.Sql;

/// <summary>Turns SQL text of a manifest into statements: splits, translates tokens, marks substitutions, classifies, refuses.</summary>
public sealed class SqlCompiler
{
    /// <summary>A compiler for manifests with these tokens.</summary>
    /// <param name="tokens">The schema tokens.</param>
    public SqlCompiler(SqlTokens tokens) => Tokens = tokens;

    /// <summary>The schema tokens.</summary>
    public SqlTokens Tokens { get; }

    /// <summary>Compiles a text of any number of statements.</summary>
    /// <param name="text">The text and where it stands.</param>
    /// <param name="errors">Takes every error found.</param>
    /// <returns>The statements without errors, in order.</returns>
    public ImmutableArray<SqlStatement> Compile(SourceText text, ICollection<ManifestError> errors) => throw new NotImplementedException();
}
