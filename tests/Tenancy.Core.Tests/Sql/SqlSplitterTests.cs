using Xunit;

namespace Tenancy.Core.Tests.Sql;

public sealed class SqlSplitterTests
{
    [Theory]
    [InlineData("a;b", 2)]
    [InlineData(";;a;;", 1)]
    [InlineData("-- a;\n/* ; */", 0)]
    [InlineData("SELECT ';', \";\", $$;$$, E'\\';' -- ;\n; b", 2)]
    [InlineData("CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); b", 2)]
    [InlineData("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN a THEN CASE b WHEN 1 THEN 2 END END; END; b", 2)]
    [InlineData("CREATE OR REPLACE PROCEDURE f() LANGUAGE sql BEGIN ATOMIC INSERT INTO t VALUES (1); SELECT x.end, 1 AS end, x.case; END; b", 2)]
    [InlineData("CREATE FUNCTION f() RETURNS int LANGUAGE sql RETURN CASE WHEN a THEN b END; b", 2)]
    [InlineData("CREATE TABLE t (begin int, atomic int); b", 2)]
    [InlineData("SELECT 1 AS begin ATOMIC; b", 2)]
    [InlineData("CREATE SCHEMA s CREATE TABLE t (a int) CREATE VIEW v AS SELECT 1; b", 2)]
    [InlineData("a) ; b", 2)]
    public void Statements_end_at_semicolons_outside_bodies(string sql, int count)
    {
        var (statements, errors) = Compiling.Compile(sql);
        Assert.Empty(errors);
        Assert.Equal(count, statements.Length);
    }
}
