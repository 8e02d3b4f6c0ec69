using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>What the second tenant does to the tables of the first, whose locks are held already. See <see cref="AllTenantsPlacementProject"/>.</summary>
public sealed class AllTenantsPlacementOfTablesTests
{
    [Theory]
    [InlineData("INSERT INTO t1.customer VALUES (9, 'x')", "t1.customer")]
    [InlineData("UPDATE t1.customer SET email = 'x'", "t1.customer")]
    [InlineData("DELETE FROM t1.customer", "t1.customer")]
    [InlineData("INSERT INTO t1.made (note) VALUES ('x')", "t1")]
    [InlineData("TRUNCATE t1.customer", "t1.customer")]
    [InlineData("ALTER TABLE t1.customer ADD COLUMN astray int", "t1.customer")]
    [InlineData("ALTER TABLE t1.customer ALTER COLUMN email SET DEFAULT 'x'", "t1.customer")]
    [InlineData("ALTER TABLE t1.customer SET (fillfactor = 70)", "t1.customer")]
    [InlineData("CREATE INDEX astray ON t1.customer (email)", "t1.customer")]
    [InlineData("COMMENT ON COLUMN t1.customer.email IS 'x'", "t1.customer")]
    [InlineData("ALTER TABLE t1.customer ENABLE ROW LEVEL SECURITY", "t1.customer")]
    [InlineData("CREATE POLICY astray ON t1.customer", "t1.customer")]
    [InlineData("GRANT DELETE ON t1.customer TO pg_monitor", "t1.customer")]
    [InlineData("GRANT SELECT (email) ON t1.customer TO PUBLIC", "t1.customer")]
    [InlineData("GRANT USAGE ON SCHEMA t1 TO pg_monitor", "t1.t1")]
    public Task It_rolls_back_all(string sql, string named) => AllTenantsPlacementProject.EnsureRefusedAsync(sql, named);
}
