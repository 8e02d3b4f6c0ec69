using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>What the second tenant does to the third, and to what is no tenant's. See <see cref="AllTenantsPlacementProject"/>.</summary>
public sealed class AllTenantsPlacementElsewhereTests
{
    [Theory]
    // The third: nobody was there yet.
    [InlineData("INSERT INTO t3.customer VALUES (9, 'x')", "t3.customer")]
    [InlineData("ALTER TABLE t3.customer ADD COLUMN astray int", "t3.customer")]
    [InlineData("DROP TABLE t3.spare; CREATE TABLE t3.spare (id int)", "t3.spare")]
    [InlineData("DROP FUNCTION t3.greet(); CREATE FUNCTION t3.greet() RETURNS int LANGUAGE sql AS 'SELECT 1'", "t3.greet")]
    [InlineData("ALTER TABLE t3.only_t3 RENAME TO only_t2; ALTER TABLE t3.only_t2 RENAME TO only_t3", "t3.only_t3")]
    [InlineData("CREATE FUNCTION t3.astray() RETURNS int LANGUAGE sql AS 'SELECT 1'", "t3.astray")]
    [InlineData("CREATE TYPE t3.astray AS ENUM ('a')", "t3.astray")]
    [InlineData("GRANT DELETE ON t3.customer TO pg_monitor", "t3.customer")]
    // What is no tenant's.
    [InlineData("INSERT INTO public.note VALUES (9)", "public.note")]
    [InlineData("CREATE TABLE public.astray (id int)", "public.astray")]
    [InlineData("DROP TABLE public.note", "public.note")]
    [InlineData("ALTER TABLE public.note SET SCHEMA t2", "public.note")]
    [InlineData("CREATE OR REPLACE FUNCTION public.greet() RETURNS int LANGUAGE sql AS 'SELECT 2'", "public.greet")]
    [InlineData("INSERT INTO shared.users VALUES (9)", "shared.users")]
    [InlineData("ALTER TABLE shared.users ADD COLUMN astray int", "shared.users")]
    [InlineData("DROP FUNCTION shared.greet()", "shared.greet")]
    [InlineData("GRANT SELECT ON shared.users TO pg_monitor", "shared.users")]
    [InlineData("CREATE SCHEMA astray", "astray.astray")]
    // The engine writes there itself.
    [InlineData("DELETE FROM tenancy.history", "tenancy")]
    [InlineData("UPDATE tenancy.head SET revision = 'x' WHERE schema = 't1'", "tenancy")]
    [InlineData("ALTER TABLE tenancy.head ADD COLUMN astray int", "tenancy.head")]
    public Task It_rolls_back_all(string sql, string named) => AllTenantsPlacementProject.EnsureRefusedAsync(sql, named);
}
