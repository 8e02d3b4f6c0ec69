using System.Text;

namespace Tenancy.Core.Tests.Catalog.Diffs;

/// <content>Options of tables, partitions, children, and what is set on views.</content>
internal sealed partial class RandomSchema
{
    private void Options(string name, List<(string Name, string Type)> columns)
    {
        var (column, type) = Any(columns);
        sql.Append(Chance(15) ? $"ALTER TABLE {name} ALTER {column} SET STATISTICS {random.Next(1, 3) * 50};\n" : "");
        sql.Append(Chance(15) && type is "text" or "jsonb" ? $"ALTER TABLE {name} ALTER {column} SET STORAGE {Any(["EXTERNAL", "MAIN"])}, ALTER {column} SET COMPRESSION pglz;\n" : "");
        sql.Append(Chance(10) ? $"ALTER TABLE {name} ALTER {column} SET (n_distinct = {random.Next(1, 3)});\n" : "");
        sql.Append(Chance(15) ? $"ALTER TABLE {name} REPLICA IDENTITY {Any(["FULL", "NOTHING"])};\n" : "");
        sql.Append(Chance(15) && columns[0].Name == "id" ? $"ALTER TABLE {name} CLUSTER ON {name}_pkey;\n{(Chance(50) ? $"ALTER TABLE {name} REPLICA IDENTITY USING INDEX {name}_pkey;\n" : "")}" : "");
        sql.Append(Chance(15) ? $"ALTER TABLE {name} FORCE ROW LEVEL SECURITY;\n" : "");
        sql.Append(Chance(15) ? $"ALTER TABLE {name} OWNER TO diff_a;\n" : "");
        sql.Append(Chance(15) ? $"GRANT UPDATE ({column}) ON {name} TO diff_b{Any(["", " WITH GRANT OPTION"])};\n" : "");
        sql.Append(Chance(10) ? $"CREATE RULE r AS ON DELETE TO {name} DO {Any(["NOTHING", $"ALSO SELECT 1 WHERE old.{column} IS NULL"])};\n" : "");
        sql.Append(Chance(10) ? $"CREATE CONSTRAINT TRIGGER late AFTER INSERT ON {name} DEFERRABLE{Any(["", " INITIALLY DEFERRED"])} FOR EACH ROW WHEN (new.{column} IS NOT NULL) EXECUTE FUNCTION note();\n{(Chance(40) ? $"ALTER TABLE {name} {Any(["DISABLE", "ENABLE ALWAYS"])} TRIGGER late;\n" : "")}" : "");
        if (columns.Exists(static found => found.Type == "span"))
        {
            sql.Append(Chance(40) ? $"ALTER TABLE {name} ADD CONSTRAINT {name}_x EXCLUDE USING gist ({columns.Find(static found => found.Type == "span").Name} WITH &&){Any(["", " DEFERRABLE"])};\n" : "");
        }

        sql.Append(version >= 18 && Chance(10) && columns.Find(found => found.Name[0] == 'c' && !sql.ToString().Contains($"CONSTRAINT {name}_{found.Name}_nn", StringComparison.Ordinal)) is { Name: { } free } ? $"ALTER TABLE {name} ALTER {free} DROP NOT NULL, ADD CONSTRAINT {name}_never NOT NULL {free}{Any(["", " NO INHERIT", " NOT VALID"])}; COMMENT ON CONSTRAINT {name}_never ON {name} IS 'never';\n" : "");
        sql.Append(Chance(15) ? $"ALTER TABLE {name} ADD CONSTRAINT {name}_n CHECK ({column} IS NOT NULL) NOT VALID;\n" : "");
    }

    /// <summary>A divided table, and tables that are its partitions in the one schema and stand alone in the other.</summary>
    private void Divided(int size)
    {
        if (size < 2 || Chance(30))
        {
            return;
        }

        List<string> lines = [$"id {Any(["integer", "bigint"])}{Any(["", " NOT NULL"])}", "day date NOT NULL", .. Chance(60) ? [$"what {Any(["text", "varchar(10)"])}{Any(["", " DEFAULT 'x'"])}"] : Array.Empty<string>(), .. Chance(50) ? ["more integer DEFAULT 3"] : Array.Empty<string>()];
        var key = Chance(40) ? ", PRIMARY KEY (id, day)" : "";
        var check = Chance(40) ? ", CONSTRAINT positive CHECK (id > 0)" : "";
        sql.Append($"CREATE TABLE d ({string.Join(", ", lines)}{key}{check}) PARTITION BY RANGE (day);\n");
        sql.Append(Chance(40) ? $"CREATE {(Chance(30) ? "UNIQUE " : "")}INDEX d_i ON d (day, id);\n" : "");
        sql.Append(Chance(30) ? $"CREATE TRIGGER tr AFTER INSERT ON d FOR EACH ROW EXECUTE FUNCTION note({Any(["", "'x'"])});\n" : "");
        for (var i = 0; i < 3; i++)
        {
            sql.Append(random.Next(4) switch
            {
                0 => "",
                1 => $"CREATE TABLE d{i} ({string.Join(", ", lines.Where(_ => Chance(80)).DefaultIfEmpty("id integer"))});\n",
                _ => $"CREATE TABLE d{i} PARTITION OF d FOR VALUES FROM ('{2020 + i}-01-01') TO ('{2021 + i}-01-01'){(Chance(20) ? " WITH (fillfactor = 80)" : "")};\n{OfPart(Name("d", i), lines)}",
            });
        }

        // A part that is divided itself, in each schema that has it.
        if (Chance(50))
        {
            sql.Append("CREATE TABLE deep PARTITION OF d FOR VALUES FROM ('2030-01-01') TO ('2031-01-01') PARTITION BY RANGE (day);\n");
            sql.Append(Chance(70) ? $"CREATE TABLE deep1 PARTITION OF deep FOR VALUES FROM ('2030-0{random.Next(1, 3)}-01') TO ('2030-07-01');\n{OfPart("deep1", lines)}" : "");
            sql.Append(Chance(50) ? $"CREATE TABLE deep2 {Any(["PARTITION OF deep DEFAULT", $"({string.Join(", ", lines)})"])};\n" : "");
        }
    }

    /// <summary>What a partition has of its own.</summary>
    private string OfPart(string name, List<string> lines)
    {
        var text = new StringBuilder();
        text.Append(Chance(20) ? $"ALTER TABLE {name} ALTER day SET STATISTICS 50;\n" : "");
        text.Append(Chance(20) ? $"COMMENT ON COLUMN {name}.id IS 'part';\n" : "");
        text.Append(Chance(30) && sql.ToString().Contains("INDEX d_i ", StringComparison.Ordinal) ? $"ALTER INDEX {name}_day_id_idx RENAME TO {name}_own;\n" : "");
        text.Append(Chance(30) && sql.ToString().Contains(", PRIMARY KEY (id, day)", StringComparison.Ordinal) ? $"ALTER TABLE {name} RENAME CONSTRAINT {name}_pkey TO {name}_pk;\n" : "");
        text.Append(Chance(40) && lines.Exists(static line => line.StartsWith("more", StringComparison.Ordinal)) ? $"ALTER TABLE {name} ALTER more {Any(["SET DEFAULT 4", "DROP DEFAULT", "SET NOT NULL"])};\n" : "");
        text.Append(Chance(40) && lines.Exists(static line => line.StartsWith("what", StringComparison.Ordinal)) ? $"ALTER TABLE {name} ALTER what {Any(["SET DEFAULT 'y'", "DROP DEFAULT", "SET STORAGE EXTERNAL"])};\n" : "");
        text.Append(Chance(20) && sql.ToString().Contains(" tr AFTER INSERT ON d ", StringComparison.Ordinal) ? $"ALTER TABLE {name} DISABLE TRIGGER tr;\n" : "");
        return text.ToString();
    }

    /// <summary>Tables that inherit in the one schema and not in the other.</summary>
    private void Children()
    {
        if (Chance(50))
        {
            sql.Append($"CREATE TABLE base (a {Any(["integer", "bigint"])}{Any(["", " DEFAULT 1"])}{Any(["", " NOT NULL"])}{Any(["", ", b text"])}{Any(["", ", CONSTRAINT sign CHECK (a > 0)"])});\n");
            // PostgreSQL keeps as a table's own what it had before it got a parent: so it is said of both.
            sql.Append(Any([$"CREATE TABLE child (LIKE base INCLUDING DEFAULTS INCLUDING CONSTRAINTS, own integer{Any(["", ", c date"])}); ALTER TABLE child INHERIT base;\n{(Chance(30) ? "ALTER TABLE child ALTER a SET DEFAULT 5;\n" : Chance(30) ? "ALTER TABLE child ALTER a DROP DEFAULT;\n" : "")}", "CREATE TABLE child (own integer);\n", ""]));
        }
    }

    private void OfViews()
    {
        foreach (var (name, columns) in views)
        {
            if (sql.ToString().Contains($"MATERIALIZED VIEW {name} ", StringComparison.Ordinal))
            {
                sql.Append(Chance(40) ? $"COMMENT ON MATERIALIZED VIEW {name} IS 'filled'; GRANT SELECT ON {name} TO diff_a;\n" : "");
                sql.Append(Chance(20) ? $"ALTER MATERIALIZED VIEW {name} OWNER TO CURRENT_USER; COMMENT ON COLUMN {name}.{columns[0]} IS 'first';\n" : "");
            }
            else
            {
                sql.Append(Chance(15) ? $"ALTER VIEW {name} ALTER {columns[0]} SET DEFAULT NULL;\n" : "");
                sql.Append(Chance(20) ? $"ALTER VIEW {name} SET (security_barrier = true); COMMENT ON COLUMN {name}.{columns[0]} IS 'first';\n" : "");
                sql.Append(Chance(15) ? $"CREATE TRIGGER instead INSTEAD OF INSERT ON {name} FOR EACH ROW EXECUTE FUNCTION note();\n" : "");
            }
        }
    }
}
