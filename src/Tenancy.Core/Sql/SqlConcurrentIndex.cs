namespace Tenancy.Core.Sql;

/// <summary>Reads the index out of a concurrent index statement.</summary>
internal static class SqlConcurrentIndex
{
    /// <summary>The index; null for any other statement, and for REINDEX of more than one index.</summary>
    /// <param name="code">The statement's tokens.</param>
    /// <param name="holes">The places to fill in it.</param>
    /// <param name="errors">Takes errors.</param>
    public static ConcurrentIndex? Find(SqlCode code, IReadOnlyList<SqlHole> holes, SqlErrors errors)
    {
        if (code.Is(0, "CREATE") && SqlNonTransactional.IsConcurrentCreate(code))
        {
            return Create(code, holes, errors);
        }

        if (code.Follows(0, "DROP INDEX CONCURRENTLY"))
        {
            return Qualified(code, code.Follows(3, "IF EXISTS") ? 5 : 3, ConcurrentIndexAction.Drop, holes, errors);
        }

        if (code.Is(0, "REINDEX") && SqlNonTransactional.Reindex(code) is { IsConcurrent: true } reindex && code.Is(reindex.Kind, "INDEX"))
        {
            return Qualified(code, code.Is(reindex.Kind + 1, "CONCURRENTLY") ? reindex.Kind + 2 : reindex.Kind + 1, ConcurrentIndexAction.Reindex, holes, errors);
        }

        return null;
    }

    /// <summary>CREATE [UNIQUE] INDEX CONCURRENTLY [IF NOT EXISTS] name ON [ONLY] [schema.]table: the index goes where its table is.</summary>
    private static ConcurrentIndex? Create(SqlCode code, IReadOnlyList<SqlHole> holes, SqlErrors errors)
    {
        var isUnique = code.Is(1, "UNIQUE");
        var name = isUnique ? 4 : 3;
        var ifNotExists = code.Follows(name, "IF NOT EXISTS");
        name += ifNotExists ? 3 : 0;
        if (code.Is(name, "ON"))
        {
            errors.Add(code[name].Start, "CREATE INDEX CONCURRENTLY needs a name here, so that it can be told whether the index came to be. Write one before ON.");
            return null;
        }

        if (FixedName(code, name, holes, errors) is not { } index)
        {
            return null;
        }

        var table = code.Is(name + 2, "ONLY") ? name + 3 : name + 2;
        table += code.Kind(table) == SqlTokenKind.OpenParenthesis ? 1 : 0;
        var isQualified = code.Kind(table + 1) == SqlTokenKind.Dot;
        var last = isQualified ? table + 2 : table;
        var rest = code.Kind(last + 1) == SqlTokenKind.CloseParenthesis || code.Span(last + 1) is "*" ? last + 2 : last + 1;
        if (!code[last].IsName || rest >= code.Count)
        {
            // The statement is wrong; the server says how.
            return null;
        }

        var build = new IndexBuild(isUnique, ifNotExists, SqlTemplates.Cut(code, last, last, holes), SqlTemplates.Cut(code, rest, code.Count - 1, holes));
        return new ConcurrentIndex(ConcurrentIndexAction.Create, index, isQualified ? Schema(code, table, holes) : null, build);
    }

    private static ConcurrentIndex? Qualified(SqlCode code, int first, ConcurrentIndexAction action, IReadOnlyList<SqlHole> holes, SqlErrors errors)
    {
        var isQualified = code.Kind(first + 1) == SqlTokenKind.Dot;
        var index = FixedName(code, isQualified ? first + 2 : first, holes, errors);
        return index is null ? null : new ConcurrentIndex(action, index, isQualified ? Schema(code, first, holes) : null);
    }

    private static string? FixedName(SqlCode code, int index, IReadOnlyList<SqlHole> holes, SqlErrors errors)
    {
        var token = code[index];
        foreach (var hole in holes)
        {
            if (hole.Start >= token.Start && hole.End <= token.End)
            {
                errors.Add(token.Start, "The name of an index that is built or dropped concurrently must be the same for every tenant, so that its state can be looked up. Each tenant has a schema of its own, so no name needs the tenant's in it.");
                return null;
            }
        }

        // Without a name here the statement is wrong; the server says how.
        return code.Name(index);
    }

    /// <summary>The template of the quoted schema: what stands there, with names as written turned into quoted ones.</summary>
    private static SqlTemplate Schema(SqlCode code, int index, IReadOnlyList<SqlHole> holes)
    {
        var template = SqlTemplates.Cut(code, index, index, holes);
        return code.Kind(index) == SqlTokenKind.Word && template.Segments is [{ Kind: SqlSegmentKind.Text }]
            ? template with { Segments = [template.Segments[0] with { Text = SqlIdentifier.Quote(code.Name(index)!) }] }
            : template;
    }
}
