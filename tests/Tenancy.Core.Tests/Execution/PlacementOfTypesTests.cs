using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>Types, domains and the like elsewhere need <c>touches</c>.</summary>
public sealed class PlacementOfTypesTests
{
    [Theory]
    [InlineData("CREATE TYPE t2.made AS ENUM ('a')", "t2.made", "t2.made")]
    [InlineData("CREATE TYPE t2.made AS (a int)", "t2.made", "t2.made")]
    [InlineData("CREATE TYPE t2.made AS RANGE (SUBTYPE = int)", "t2.made;t2.made_multirange", "t2.made, t2.made_multirange")]
    [InlineData("ALTER TYPE t2.mood ADD VALUE 'glad'", "t2.mood", "t2.mood")]
    [InlineData("ALTER TYPE t2.mood RENAME VALUE 'ok' TO 'well'", "t2.mood", "t2.mood")]
    [InlineData("ALTER TYPE t2.mood OWNER TO pg_monitor", "t2.mood", "t2.mood")]
    [InlineData("ALTER TYPE t2.pair ADD ATTRIBUTE c int", "t2.pair", "t2.pair")]
    [InlineData("DROP TYPE t2.mood", "t2.mood (dropped)", "t2.mood")]
    [InlineData("COMMENT ON TYPE t2.mood IS 'x'", "t2.mood", "t2.mood")]
    [InlineData("GRANT USAGE ON TYPE t2.mood TO pg_monitor", "t2.mood", "t2.mood")]
    [InlineData("ALTER TYPE t2.mood SET SCHEMA tenant_schema", "t2.mood (moved away)", "t2.mood")]
    [InlineData("ALTER TYPE tenant_schema.state SET SCHEMA t2", "t2.state", "t2.state")]
    [InlineData("CREATE DOMAIN t2.made AS int CHECK (VALUE > 1)", "t2.made", "t2.made")]
    [InlineData("ALTER DOMAIN t2.positive ADD CONSTRAINT below CHECK (VALUE < 9)", "t2.positive", "t2.positive")]
    [InlineData("ALTER DOMAIN t2.positive DROP CONSTRAINT above", "t2.positive (dropped)", "t2.positive")]
    [InlineData("ALTER DOMAIN t2.positive SET NOT NULL", "t2.positive", "t2.positive")]
    [InlineData("DROP DOMAIN t2.positive", "t2.positive (dropped)", "t2.positive")]
    [InlineData("CREATE COLLATION t2.made FROM pg_catalog.\"C\"", "t2.made", "t2.made")]
    [InlineData("CREATE TEXT SEARCH CONFIGURATION t2.made (COPY = pg_catalog.simple)", "t2.made", "t2.made")]
    public Task Types_elsewhere_need_touches(string sql, string named, string touches) => PlacementProject.EnsureDeclaredAsync(sql, named, touches);
}
