using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>Tables, views, indexes and sequences elsewhere need <c>touches</c>.</summary>
public sealed class PlacementOfTablesTests
{
    [Theory]
    [InlineData("CREATE TABLE t2.made (id serial PRIMARY KEY, note text)", "t2.made", "t2.made")]
    [InlineData("ALTER TABLE t2.customer ADD COLUMN more text", "t2.customer", "t2.customer")]
    [InlineData("ALTER TABLE t2.customer ALTER COLUMN id TYPE numeric", "t2.customer", "t2.customer")]
    [InlineData("DROP TABLE t2.spare", "t2.spare (dropped)", "t2.spare")]
    [InlineData("CREATE INDEX users_name_idx ON shared.users (name)", "shared.users", "shared.users")]
    [InlineData("DROP INDEX IF EXISTS t2.nothing; DROP TABLE shared.only_shared", "shared.only_shared (dropped)", "shared.only_shared")]
    [InlineData("CREATE VIEW t2.seen AS SELECT 1 AS one", "t2.seen", "t2.seen")]
    [InlineData("CREATE SEQUENCE t2.made", "t2.made", "t2.made")]
    [InlineData("CREATE TRIGGER t AFTER INSERT ON shared.users FOR EACH ROW EXECUTE FUNCTION public.copy_to_log()", "shared.users", "shared.users")]
    [InlineData("ALTER TABLE shared.users ENABLE ROW LEVEL SECURITY", "shared.users", "shared.users")]
    [InlineData("COMMENT ON COLUMN t2.customer.email IS 'x'", "t2.customer", "t2.customer")]
    [InlineData("ALTER TABLE tenant_schema.customer ADD COLUMN u int REFERENCES shared.users", "shared.users", "shared.users")]
    [InlineData("ALTER TABLE t2.spare SET SCHEMA tenant_schema", "t2.spare (moved away)", "t2.spare")]
    [InlineData("ALTER TABLE tenant_schema.mine SET SCHEMA t2", "t2.mine", "t2.mine")]
    [InlineData("DO $$ BEGIN EXECUTE 'CREATE TABLE t2.made (id int)'; END $$", "t2.made", "t2.made")]
    [InlineData("DO $$ BEGIN BEGIN CREATE TABLE t2.made (id int); EXCEPTION WHEN OTHERS THEN NULL; END; END $$", "t2.made", "t2.made")]
    [InlineData("CREATE STATISTICS t2.made ON id, email FROM tenant_schema.customer", "t2.made", "t2.made")]
    public Task Relations_elsewhere_need_touches(string sql, string named, string touches) => PlacementProject.EnsureDeclaredAsync(sql, named, touches);

    [Theory]
    [InlineData("COMMENT ON TRIGGER noted ON t2.item IS 'x'")]
    [InlineData("COMMENT ON RULE noted ON t2.item IS 'x'")]
    [InlineData("COMMENT ON POLICY noted ON t2.item IS 'x'")]
    [InlineData("COMMENT ON CONSTRAINT noted ON t2.item IS 'x'")]
    public Task Comments_on_parts_of_tables_elsewhere_need_touches(string sql) => PlacementProject.EnsureDeclaredAsync(sql, "t2.item", "t2.item", setUp: """
        ALTER TABLE t2.item ADD CONSTRAINT noted CHECK (id > 0);
        CREATE TRIGGER noted AFTER INSERT ON t2.item FOR EACH ROW EXECUTE FUNCTION public.copy_to_log();
        CREATE RULE noted AS ON DELETE TO t2.item DO ALSO NOTHING;
        CREATE POLICY noted ON t2.item
        """);

    [Fact]
    public Task A_bare_name_that_only_the_shared_schema_has_needs_touches() =>
        PlacementProject.EnsureDeclaredAsync("DROP TABLE IF EXISTS only_shared", "shared.only_shared (dropped)", "shared.only_shared", only: "search_path");
}
