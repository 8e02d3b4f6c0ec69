using Tenancy.Core.Sql;

namespace Tenancy.Core.History;

/// <summary>The SQL of the history schema: embedded files in which <c>@history@</c> stands for the schema's quoted name.</summary>
internal sealed class HistorySql
{
    /// <summary>The SQL for one history schema.</summary>
    /// <param name="schema">Its name, unquoted.</param>
    public HistorySql(string schema)
    {
        Schema = schema;
        Quoted = SqlIdentifier.Quote(schema);
    }

    /// <summary>The schema's name, unquoted.</summary>
    public string Schema { get; }

    /// <summary>The schema's name, quoted.</summary>
    public string Quoted { get; }

    /// <summary>A text with the schema's name written in.</summary>
    /// <param name="sql">SQL with <c>@history@</c>, and <c>@history_literal@</c> for the name as a string.</param>
    public string Write(string sql) => sql
        .Replace("@history@", Quoted, StringComparison.Ordinal)
        .Replace("@history_literal@", SqlLiteral.Quote(Schema), StringComparison.Ordinal);

    /// <summary>An embedded file with the schema's name written in.</summary>
    /// <param name="name">The file's name without <c>.sql</c>.</param>
    public string File(string name) => Write(EmbeddedSql.Read(name));
}
