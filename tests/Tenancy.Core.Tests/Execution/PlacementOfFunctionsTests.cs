using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>Functions and operators elsewhere need <c>touches</c>.</summary>
public sealed class PlacementOfFunctionsTests
{
    [Theory]
    [InlineData("CREATE FUNCTION t2.made() RETURNS int LANGUAGE sql AS 'SELECT 1'", "t2.made", "t2.made")]
    [InlineData("CREATE OR REPLACE FUNCTION t2.greet() RETURNS int LANGUAGE sql AS 'SELECT 2'", "t2.greet", "t2.greet")]
    [InlineData("ALTER FUNCTION t2.greet() STABLE", "t2.greet", "t2.greet")]
    [InlineData("ALTER FUNCTION t2.greet() RENAME TO hello", "t2.hello", "t2.hello")]
    [InlineData("DROP FUNCTION t2.greet()", "t2.greet (dropped)", "t2.greet")]
    [InlineData("COMMENT ON FUNCTION t2.greet() IS 'x'", "t2.greet", "t2.greet")]
    [InlineData("GRANT EXECUTE ON FUNCTION t2.greet() TO pg_monitor", "t2.greet", "t2.greet")]
    [InlineData("ALTER FUNCTION t2.greet() SET SCHEMA tenant_schema", "t2.greet (moved away)", "t2.greet")]
    [InlineData("ALTER FUNCTION tenant_schema.mine() SET SCHEMA t2", "t2.mine", "t2.mine")]
    [InlineData("CREATE AGGREGATE t2.made (int) (SFUNC = int4pl, STYPE = int)", "t2.made", "t2.made")]
    [InlineData("CREATE OPERATOR t2.=== (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq)", "t2.===", "t2.*")]
    [InlineData("DO $$ BEGIN BEGIN CREATE FUNCTION t2.made() RETURNS int LANGUAGE sql AS 'SELECT 1'; EXCEPTION WHEN OTHERS THEN NULL; END; END $$", "t2.made", "t2.made")]
    public Task Functions_elsewhere_need_touches(string sql, string named, string touches) => PlacementProject.EnsureDeclaredAsync(sql, named, touches);

    [Fact]
    public Task A_superusers_bare_function_in_token_mode_lands_in_pg_catalog_and_needs_touches() =>
        PlacementProject.EnsureDeclaredAsync("CREATE FUNCTION made() RETURNS int LANGUAGE sql AS 'SELECT 1'", "pg_catalog.made", "pg_catalog.made", only: "token");
}
