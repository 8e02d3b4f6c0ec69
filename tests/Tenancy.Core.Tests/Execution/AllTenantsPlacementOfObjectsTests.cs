using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>What the second tenant drops, moves or makes in the schema of the first, which had its part already. See <see cref="AllTenantsPlacementProject"/>.</summary>
public sealed class AllTenantsPlacementOfObjectsTests
{
    [Theory]
    [InlineData("DROP TABLE t1.spare", "t1.spare")]
    [InlineData("DROP INDEX t1.spare_idx", "t1.spare")]
    [InlineData("DROP POLICY mine ON t1.spare", "t1.spare")]
    [InlineData("DROP TRIGGER mine ON t1.spare", "t1.spare")]
    [InlineData("ALTER TABLE t1.customer DROP CONSTRAINT itself", "t1.customer")]
    [InlineData("DROP TABLE t1.made", "t1")]
    [InlineData("DROP INDEX t1.made_idx", "t1")]
    [InlineData("ALTER TABLE t1.spare RENAME TO astray", "t1.astray")]
    [InlineData("ALTER TABLE t1.only_t1 SET SCHEMA t2", "t1.only_t1")]
    [InlineData("ALTER TABLE t2.only_t2 SET SCHEMA t1", "t1.only_t2")]
    [InlineData("DROP TABLE t2.made; ALTER TABLE t1.made SET SCHEMA t2", "t1")]
    [InlineData("CREATE TABLE t1.astray (id int)", "t1.astray")]
    [InlineData("CREATE FUNCTION t1.astray() RETURNS int LANGUAGE sql AS 'SELECT 1'", "t1.astray")]
    [InlineData("CREATE OR REPLACE FUNCTION t1.greet() RETURNS int LANGUAGE sql AS 'SELECT 2'", "t1.greet")]
    [InlineData("DROP FUNCTION t1.greet()", "t1.greet")]
    [InlineData("CREATE TYPE t1.astray AS ENUM ('a')", "t1.astray")]
    [InlineData("ALTER TYPE t1.mood RENAME VALUE 'ok' TO 'well'", "t1.mood")]
    [InlineData("DROP TYPE t1.mood", "t1.mood")]
    [InlineData("ALTER DOMAIN t1.positive ADD CONSTRAINT astray CHECK (VALUE < 9)", "t1.positive")]
    [InlineData("ALTER SEQUENCE t1.counter INCREMENT 5", "t1.counter")]
    [InlineData("CREATE OR REPLACE VIEW t1.viewed AS SELECT 1 AS one, 2 AS two", "t1")]
    [InlineData("DROP SCHEMA t1 CASCADE", "t1")]
    public Task It_rolls_back_all(string sql, string named) => AllTenantsPlacementProject.EnsureRefusedAsync(sql, named);
}
