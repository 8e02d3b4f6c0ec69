using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>Grants, owners and schemas elsewhere need <c>touches</c>.</summary>
public sealed class PlacementOfGrantsTests
{
    [Theory]
    [InlineData("GRANT SELECT ON t2.customer TO pg_monitor", "t2.customer", "t2.customer")]
    [InlineData("GRANT SELECT (email) ON t2.customer TO PUBLIC", "t2.customer", "t2.customer")]
    [InlineData("CREATE TABLE tenant_schema.made (id serial PRIMARY KEY, note text DEFAULT 'x'); GRANT SELECT ON t2.customer TO pg_monitor", "t2.customer", "t2.customer")]
    [InlineData("ALTER TABLE tenant_schema.customer ADD COLUMN more text; GRANT SELECT ON t2.customer TO pg_monitor", "t2.customer", "t2.customer")]
    [InlineData("ALTER TABLE tenant_schema.customer ALTER COLUMN email SET NOT NULL, ADD COLUMN more int DEFAULT 1; GRANT SELECT (email) ON t2.customer TO PUBLIC", "t2.customer", "t2.customer")]
    [InlineData("GRANT USAGE ON SEQUENCE t2.counter TO pg_monitor", "t2.counter", "t2.counter")]
    [InlineData("GRANT SELECT ON ALL TABLES IN SCHEMA shared TO pg_monitor", "shared.only_shared;shared.users", "shared.*")]
    [InlineData("GRANT USAGE ON SCHEMA t2 TO pg_monitor", "t2.t2", "t2.t2")]
    [InlineData("ALTER TABLE t2.customer OWNER TO pg_monitor", "t2.customer", "t2.customer")]
    [InlineData("ALTER DEFAULT PRIVILEGES IN SCHEMA t2 GRANT SELECT ON TABLES TO pg_monitor", "t2.default privileges", "t2.*")]
    [InlineData("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO pg_monitor", "default privileges (in no schema)", "database")]
    [InlineData("GRANT CREATE ON SCHEMA public TO pg_monitor", "public.public", "public.public")]
    public Task Grants_elsewhere_need_touches(string sql, string named, string touches) => PlacementProject.EnsureDeclaredAsync(sql, named, touches);

    [Theory]
    [InlineData("CREATE SCHEMA made", "made.made", "made.*")]
    [InlineData("CREATE SCHEMA made CREATE TABLE inside (id int)", "made.inside;made.made", "made.*")]
    [InlineData("ALTER SCHEMA t3 RENAME TO t4", "t4.t4", "t4.*")]
    [InlineData("ALTER SCHEMA t3 OWNER TO pg_monitor", "t3.t3", "t3.*")]
    [InlineData("COMMENT ON SCHEMA t3 IS 'x'", "t3.t3", "t3.*")]
    [InlineData("DROP SCHEMA t3", "t3.t3 (dropped)", "t3.*")]
    public Task Schemas_elsewhere_need_touches(string sql, string named, string touches) => PlacementProject.EnsureDeclaredAsync(sql, named, touches);
}
