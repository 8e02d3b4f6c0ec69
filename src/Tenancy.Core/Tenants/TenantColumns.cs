using Tenancy.Model;

namespace Tenancy.Core.Tenants;

/// <summary>Makes tenants of rows: what <c>name</c>, <c>schema</c>, <c>database</c>, <c>server</c> and <c>labels</c> say, and every other column as a label.</summary>
internal sealed class TenantColumns
{
    private readonly string[] columns;

    private TenantColumns(string[] columns) => this.columns = columns;

    /// <summary>Columns that can make tenants.</summary>
    /// <param name="columns">The columns' names; letters' case does not count.</param>
    /// <param name="fault">What is wrong with them, or null.</param>
    /// <returns>Null where something is wrong.</returns>
    public static TenantColumns? TryCreate(IEnumerable<string> columns, out string? fault)
    {
        string[] names = [.. columns.Select(static column => column.Trim())];
        var twice = names.GroupBy(static name => name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(static group => group.Skip(1).Any());
        fault = twice is not null ? $"the column '{twice.Key}' is there twice"
            : !names.Any(static name => Is(name, "name") || Is(name, "schema")) ? $"there is neither a column 'name' nor 'schema', only {string.Join(", ", names.Select(static name => $"'{name}'"))}"
            : null;
        return fault is null ? new(names) : null;
    }

    /// <summary>The tenant of a row; null where the row has neither name nor schema.</summary>
    /// <param name="read">Gives the value of a column by number; null and empty are the same.</param>
    public Tenant? Read(Func<int, string?> read)
    {
        string? name = null, schema = null, database = null, server = null;
        var labels = new TenantLabels();
        for (var i = 0; i < columns.Length; i++)
        {
            if (read(i) is not { Length: > 0 } value)
            {
                continue;
            }

            switch (columns[i].ToUpperInvariant())
            {
                case "NAME":
                    name = value;
                    break;
                case "SCHEMA":
                    schema = value;
                    break;
                case "DATABASE":
                    database = value;
                    break;
                case "SERVER":
                    server = value;
                    break;
                case "LABELS":
                    AddLabels(labels, value);
                    break;
                default:
                    labels[columns[i]] = value;
                    break;
            }
        }

        return (name ?? schema) is null ? null : new() { Name = name ?? schema!, Schema = schema ?? name!, Database = database, Server = server, Labels = labels };
    }

    // The text of TenantLabels, so that Export-Csv can be read back.
    private static void AddLabels(TenantLabels labels, string text)
    {
        foreach (var pair in text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            labels[equals < 0 ? pair : pair[..equals].TrimEnd()] = equals < 0 ? "" : pair[(equals + 1)..].TrimStart();
        }
    }

    private static bool Is(string name, string wanted) => name.Equals(wanted, StringComparison.OrdinalIgnoreCase);
}
