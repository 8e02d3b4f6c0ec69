using Tenancy.Core.Sql;

namespace Tenancy.Core.Tests.Sql;

/// <summary>Statements with a name in every place that there is, and a reader of what they say.</summary>
internal static class SqlPlaces
{
    public static readonly string[] All =
    [
        "SELECT * FROM tenant_schema.t",
        "SELECT ${tenant.name}, ${x.key}||'a'",
        "SELECT '${tenant.name} ${x.key}', 'a'\n'${x.key}', E'\\n${x.key}\\n', E'\\\\${x.key}'",
        "SELECT '${tenant.quoted}.s'::regclass, E'${tenant.quoted}.s'::regclass",
        "SELECT ${x.key}.a, a.${x.key}, \"b ${x.key}${tenant.schema}\"",
        "DO $$ BEGIN PERFORM ${x.key}, tenant_schema.f('${x.key}'), E'${x.key}', \"${x.key}\"; END $$",
        "DO $b$ BEGIN PERFORM ${x.key}, '$${x.key}$', '$${x.key}b$', '${x.key}${tenant.name}'; END $b$",
        "DO 'BEGIN PERFORM ${x.key}, tenant_schema.f(''${x.key}''), E''${x.key}'', \"${x.key}\"; END'",
        "DO E'BEGIN PERFORM ${x.key}, \\'${x.key}\\', tenant_schema.f(), E\\'${x.key}\\', \\'${tenant.quoted}.s\\'; END'",
        "CREATE FUNCTION tenant_schema.f() RETURNS text AS 'SELECT ''${x.key}'' FROM tenant_schema.t' LANGUAGE sql",
        "DO 'BEGIN DO ''BEGIN PERFORM ''''${x.key}'''', tenant_schema.f(), ${x.key}; END''; END'",
        "DO $a$ BEGIN DO 'BEGIN PERFORM ''${x.key}'', tenant_schema.f(), E''${x.key}''; END'; END $a$",
        "DO $a$ BEGIN DO $b$ BEGIN PERFORM '${x.key}', tenant_schema.f(), ${x.key}; END $b$; END $a$",
        "DO 'BEGIN DO $b$ BEGIN PERFORM ''${x.key}'', tenant_schema.f(), ${x.key}; END $b$; END'",
    ];

    private const string Schema = "zzschema";
    private const string Value = "zzvalue";

    private static readonly SqlValues Plain = new()
    {
        TenantSchema = Schema,
        TenantName = Value,
        SharedSchema = "common",
        Arguments = new Dictionary<string, string> { ["key"] = Value },
    };

    /// <summary>What a statement says, token by token: names and strings by what they mean, bodies opened.</summary>
    public static List<string> Read(string sql)
    {
        var tokens = Compiling.Tokens(sql);
        tokens.RemoveAll(token => token.IsTrivia);
        var said = new List<string>();
        Read(SqlUnit.Of(new SqlCode(sql, tokens)), said);
        return said;
    }

    /// <summary>What the template must say for these names: what it says for plain ones, with the plain ones replaced.</summary>
    public static List<string> Expect(SqlTemplate template, string schema, string value) =>
        [.. Read(template.Render(Plain)).Select(word => word
            .Replace('"' + Schema + '"', SqlIdentifier.Quote(schema), StringComparison.Ordinal)
            .Replace(Schema, schema, StringComparison.Ordinal)
            .Replace(Value, value, StringComparison.Ordinal))];

    private static void Read(SqlUnit unit, List<string> said)
    {
        foreach (var (start, end) in SqlStatements.In(unit))
        {
            var body = SqlRoutine.FindBody(unit.Code, start, end);
            for (var index = start; index < end; index++)
            {
                if (body?.Token == index)
                {
                    said.Add("{");
                    Read(unit.Open(body.Value, (at, message) => throw new InvalidOperationException($"{at}: {message}")), said);
                    said.Add("}");
                }
                else if (unit.Code[index].IsString)
                {
                    said.Add("string " + SqlStringContent.Of(unit.Code.Text, unit.Code[index]).Text);
                }
                else
                {
                    said.Add(unit.Code.Name(index) is { } name ? "name " + name : unit.Code.Span(index).ToString());
                }
            }
        }
    }
}
