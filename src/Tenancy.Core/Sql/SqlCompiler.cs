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
    /// <param name="hasValues">True where whoever sends it has values for its parameters (<c>$1</c>).</param>
    /// <returns>The statements without errors, in order.</returns>
    public ImmutableArray<SqlStatement> Compile(SourceText text, ICollection<ManifestError> errors, bool hasValues = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(errors);
        var found = new SqlErrors(text, errors);
        var splitter = new SqlSplitter(text.Text, found.Add);
        var translator = new SqlTranslator(Tokens, found);
        var refusals = new SqlRefusals(found);
        var statements = ImmutableArray.CreateBuilder<SqlStatement>();
        for (var before = 0; splitter.Next(out var piece); before = found.Count)
        {
            if (piece.IsEmpty)
            {
                continue;
            }

            // A dump's rows are no SQL: reading them as such would bury this error under many.
            if (SqlRefusals.IsCopyFromClient(piece.Code))
            {
                splitter.SkipCopyRows();
            }

            // What lies behind a string without an end is not what was meant: one error is enough.
            if (found.Count == before)
            {
                if (!hasValues)
                {
                    refusals.CheckParameters(piece.Code);
                }

                var holes = translator.Translate(piece.Code);
                if (found.Count == before && SqlClassifier.Classify(piece.Code, holes, found) is { } statement && found.Count == before)
                {
                    statements.Add(statement);
                }
            }
        }

        return statements.ToImmutable();
    }
}
