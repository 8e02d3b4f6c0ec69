using FsCheck;
using FsCheck.Fluent;

namespace Tenancy.Core.Tests.Sql;

/// <summary>Random text, names and SQL.</summary>
internal static class SqlGenerators
{
    /// <summary>What lexers trip over, to be joined at random.</summary>
    private static readonly string[] Pieces =
    [
        "'", "\"", "$$", "$a$", "$", "${", "}", "${tenant.schema}", "${x.a}", "--", "/*", "*/", "\n", " ", ";", "(", ")", ".", "..", "::", ":=", "\\", "E'", "U&'", "U&\"", "b'", "N'", "1", "1e5", "0x", "_",
        "a", "É", "\U0001F600", "tenant_schema", "shared", "SCHEMA", "CREATE FUNCTION f() ", "DO ", "LANGUAGE sql", "AS ", "BEGIN ATOMIC", "BEGIN", "END", "CASE", "SET search_path = ", "COPY t FROM stdin", "+", "-", "@", "=", ",",
        "CREATE INDEX CONCURRENTLY ", "REINDEX (", "set_config(", "COMMIT", "SET ", "EXECUTE ", "\0", "\r\n", "\t", "|", "#>",
    ];

    private static readonly string[] NamePieces =
        ["a", "Z", "\"", "'", "\\", "$", "$$", "$b$", ";", "--", "/*", "*/", "\n", "\r", "\t", " ", "É", "ß", "\U0001F600", "漢", ".", "${tenant.name}", "\\x27", "\\'", "E'", "U&", "drop schema x; --", "1", "0", "\u00a0", "\u2028", "%I", ":"];

    /// <summary>Text of pieces that mean something to a lexer.</summary>
    public static Gen<string> Text => Gen.Elements(Pieces).ArrayOf().Select(string.Concat);

    /// <summary>Names that a schema can have, as bad as can be.</summary>
    public static Gen<string> Name =>
        Gen.Elements(NamePieces).NonEmptyListOf().Select(pieces => string.Concat(pieces.Take(8))).Where(name => System.Text.Encoding.UTF8.GetByteCount(name) <= 63);

    /// <summary>Fragments of SQL, each with what it is for a tenant whose schema is acme and a shared schema named common.</summary>
    public static Gen<(string Sql, string Expected)[]> Fragments => Gen.Elements(Known).ArrayOf();

    private static readonly (string Sql, string Expected)[] Known =
    [
        ("tenant_schema.t", "\"acme\".t"), ("TENANT_SCHEMA . t", "\"acme\" . t"), ("\"tenant_schema\".\"t\"", "\"acme\".\"t\""), ("shared/* x */.f(1)", "\"common\"/* x */.f(1)"), ("(tenant_schema.t).c", "(\"acme\".t).c"),
        ("OPERATOR(shared.+)", "OPERATOR(\"common\".+)"), ("ON SCHEMA tenant_schema, other, shared", "ON SCHEMA \"acme\", other, \"common\""), ("CREATE SCHEMA IF NOT EXISTS tenant_schema", "CREATE SCHEMA IF NOT EXISTS \"acme\""),
        ("SET SCHEMA shared", "SET SCHEMA \"common\""), ("${tenant.schema}.t", "\"acme\".t"), ("'${tenant.schema}'", "'acme'"), ("'${tenant.quoted}.t'::regclass", "'\"acme\".t'::regclass"), ("\"a_${tenant.schema}\"", "\"a_acme\""),
        Same("tenant_schema"), Same("AS tenant_schema"), Same("x.tenant_schema"), Same("x . shared"), Same("db.tenant_schema.t"), Same("my_tenant_schema.t"), Same("tenant_schema2.t"), Same("\"Tenant_Schema\".t"), Same("\"a tenant_schema.t\""),
        Same("$$tenant_schema.t$$"), Same("$j${\"a\": \"tenant_schema.t ${tenant.schema}\"}$j$"), Same("-- tenant_schema.t ${x}\n"), Same("/* shared.t /* ${x} */ */"), Same("'shared'"), Same("'It is shared. So'"), Same("E'\\'shared\\''"),
        Same("tenant_schema = shared"), Same("(tenant_schema, shared)"), Same("schema"), Same("1.5"), Same("=-1"), Same("U&'a'"), Same("B'01'"), Same("a::text"), Same("x[1:2]"), Same("'a''b'\n'c'"),
    ];

    private static (string Sql, string Expected) Same(string sql) => (sql, sql);
}
