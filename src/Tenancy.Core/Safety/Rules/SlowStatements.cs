using Tenancy.Core.Sql;

namespace Tenancy.Core.Safety.Rules;

/// <summary>Statements that may take as long as a table is large.</summary>
internal static class SlowStatements
{
    /// <summary>True for a statement that changes or reads rows by a query, runs code, or builds an index of a table that is there.</summary>
    /// <param name="judged">The statement.</param>
    public static bool Is(JudgedStatement judged)
    {
        var text = judged.Text;
        var isOnNew = text.Target is { } table && !judged.IsInUse(table);
        return text.Command switch
        {
            "UPDATE" or "DELETE" => !isOnNew,
            "INSERT" => HasQuery(text.Code),
            "MERGE" or "SELECT" or "DO" or "CALL" or "COPY" or "REFRESH MATERIALIZED VIEW" => true,
            "CREATE INDEX" => !isOnNew,
            "CREATE TABLE" or "CREATE MATERIALIZED VIEW" => HasQuery(text.Code),
            _ => false,
        };
    }

    private static bool HasQuery(SqlCode code)
    {
        for (var index = 1; index < code.Count; index++)
        {
            if (code.Is(index, "SELECT") && HasFrom(code, index))
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasFrom(SqlCode code, int index)
    {
        while (index < code.Count && !code.Is(index, "FROM"))
        {
            index++;
        }

        return index < code.Count;
    }
}
