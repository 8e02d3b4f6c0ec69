using System.Diagnostics;
using Tenancy.Core.Sql;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Sql;

/// <summary>Texts made to overflow a stack or to take a time that grows with the square. Each would take many minutes if it did; the limit is wide, for machines that do much else.</summary>
public sealed class SqlLargeTextTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static TheoryData<string, string, int, string> Texts => new()
    {
        { "", "/*", 100_000, "" },
        { "SELECT ", "(", 1_000_000, "" },
        { "SELECT ", "(", 100_000, "1" + new string(')', 100_000) },
        { "SELECT 1 ", "+", 5_000_000, "1" },
        { "SELECT 1 ", "+-*", 2_000_000, "1" },
        { "SELECT 1 ", "/ ", 2_000_000, "1" },
        { "", "SELECT 1;\n", 500_000, "" },
        { "", "${", 3_000_000, "" },
        { "SELECT '", "${", 3_000_000, "'" },
        { "SELECT '", "tenant_schema ", 500_000, "'" },
        { "SELECT '", "tenant_schema", 500_000, "'" },
        { "SELECT ", "'a'\n", 1_000_000, "" },
        { "SELECT ", "'a' -- b\n", 500_000, "" },
        { "SELECT ", "'a' ", 1_000_000, "" },
        { "SELECT ", "$a", 3_000_000, "" },
        { "SELECT E'", "\\\\", 3_000_000, "${x.a}'" },
        { "SELECT E'", "${x.a}", 100_000, "'" },
        { "INSERT INTO t VALUES (1", ", 'a'", 1_000_000, ")" },
        { "SELECT ", "tenant_schema.a, ", 300_000, "1" },
        { "IN SCHEMA ", "tenant_schema, ", 300_000, "x" },
        { "", "DO (;", 300_000, "" },
        { "", "DO '(';", 200_000, "" },
        { "DO $$ ", "CREATE FUNCTION (;", 200_000, " $$" },
        { "DO $$ ", "THEN DO ", 300_000, " $$" },
        { "REINDEX (", "SCHEMA ", 500_000, ")" },
        { "IMPORT FOREIGN SCHEMA ", "FOREIGN SCHEMA ", 300_000, "" },
        { "CREATE FUNCTION f() BEGIN ATOMIC SELECT ", "CASE ", 500_000, "" },
        { "SELECT ", "set_config(", 500_000, "" },
        { "CREATE EXTENSION ", "EXTENSION SCHEMA ", 300_000, "" },
        { "", "COPY t FROM stdin;\n", 200_000, "" },
        { "", "COPY t FROM stdin;\n\\.\n", 200_000, "" },
        { "", "\\x\n", 500_000, "" },
        { "SELECT \"", "${x.a}", 100_000, "\"" },
        { "COPY (", "COPY (", 500_000, "" },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void No_text_takes_long(string start, string repeated, int count, string end)
    {
        var sql = start + string.Concat(Enumerable.Repeat(repeated, count)) + end;
        var watch = Stopwatch.StartNew();
        var (statements, _) = Compiling.Compile(sql);
        foreach (var statement in statements.Take(1000))
        {
            try
            {
                statement.Template.Render(new SqlValues { TenantSchema = "a", SharedSchema = "s", Arguments = new Dictionary<string, string> { ["a"] = "b" } });
            }
            catch (TenancyException error) when (error.ErrorId == "InvalidName")
            {
                // A name of a hundred thousand values is refused; what counts is how soon.
            }
        }

        SqlNormalizer.Normalize(sql);
        Assert.True(watch.Elapsed < Limit, $"{watch.Elapsed} for {sql.Length} characters of {repeated}");
    }

    [Fact]
    public void Bodies_nested_too_deep_are_an_error()
    {
        var sql = "SELECT 1;";
        for (var depth = 0; depth < 2000; depth++)
        {
            sql = $"DO $a{depth}$ {sql} $a{depth}$;";
        }

        Assert.Contains("nested", Compiling.Error(sql).Message, StringComparison.Ordinal);
    }
}
