using Tenancy.Core.Manifests;
using Tenancy.Core.Tenants;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Tenants;

public sealed class TenantSourceTests : IDisposable
{
    private static readonly ReservedSchemas Reserved = new("tenancy", "shared");

    private readonly Machine machine = new();

    public void Dispose() => machine.Dispose();

    [Fact]
    public async Task A_pattern_finds_schemas_but_no_reserved_one()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("""CREATE SCHEMA tenancy; CREATE SCHEMA shared; CREATE SCHEMA tenancy_scratch_1; CREATE SCHEMA t_1; CREATE SCHEMA t_2; CREATE SCHEMA "T_3"; CREATE SCHEMA "a""b" """);
        await using var connector = Connect(database);
        Assert.Equal(["T_3", "a\"b", "t_1", "t_2"], await NamesAsync(new SchemaPatternSource(connector, connector.Default, "*", Reserved)));
        Assert.Equal(["t_1", "t_2"], await NamesAsync(new SchemaPatternSource(connector, connector.Default, "t_[0-9]", Reserved)));
        Assert.Equal([], await NamesAsync(new SchemaPatternSource(connector, connector.Default, "public", Reserved)));
        var found = await new SchemaPatternSource(connector, connector.Default, "t_1", Reserved).ReadAsync(default).SingleAsync();
        Assert.Equal((database.Name, $"127.0.0.1:{database.Server.Port}"), (found.Database, found.Server));
    }

    [Fact]
    public async Task A_query_gives_names_schemas_places_and_labels()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TYPE tier AS ENUM ('gold')");
        await using var connector = Connect(database);
        var tenants = await new QuerySource(connector, connector.Default, """
            SELECT * FROM (VALUES ('Ann', 't_ann', NULL, 'gold'::tier, 7), ('Bob', NULL, 'other', NULL, NULL)) v("Name", schema, database, tier, ring); -- all of them
            """).ReadAsync(default).ToListAsync();
        Assert.Equal([("Ann", "t_ann", database.Name), ("Bob", "Bob", "other")], tenants.Select(static t => (t.Name, t.Schema, t.Database!)));
        Assert.Equal("ring=7; tier=gold", tenants[0].Labels.ToString());
        Assert.Empty(tenants[1].Labels);
    }

    [Theory]
    [InlineData("SELECT 1 AS id, 'x' AS tenant", "'id', 'tenant'")]
    [InlineData("SELECT 'a' AS name, 'b' AS name", "'name' is there twice")]
    [InlineData("SELECT 'a' AS name;\nSELECT 'b' AS name", "42601: cannot insert multiple commands")]
    [InlineData("SELECT 'a' AS name; COMMIT; CREATE TABLE public.broken_out (i int)", "42601: cannot insert multiple commands")]
    [InlineData("SELECT 'a'\nAS name\nFROM nowhere", "line 3: 42P01")]
    [InlineData("CREATE TABLE public.broken_out (i int)", "42601")]
    [InlineData("SELECT set_config('transaction_read_only', 'off', true) AS name, lo_create(0)", "25")]
    public async Task A_query_that_gives_no_tenants_is_a_clear_error_and_changes_nothing(string query, string part)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await using var connector = Connect(database);
        var error = await Assert.ThrowsAsync<TenancyException>(async () => await NamesAsync(new QuerySource(connector, connector.Default, query)));
        Assert.Equal("InvalidTenantQuery", error.ErrorId);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.False(await database.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_class WHERE relname = 'broken_out') OR EXISTS (SELECT FROM pg_largeobject_metadata)"));
    }

    [Fact]
    public async Task A_registry_gives_the_fleet_s_own_tenants_and_none_before_there_is_one()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await using var connector = Connect(database);
        var source = new RegistrySource(connector, connector.Default, "our \"history\"", "shop");
        Assert.Empty(await NamesAsync(source));
        await database.ExecuteAsync(""""
            CREATE SCHEMA "our ""history""";
            CREATE TABLE "our ""history""".tenant (fleet text, schema text, name text, schema_oid oid, labels jsonb NOT NULL DEFAULT '{}', registered_at timestamptz DEFAULT now());
            INSERT INTO "our ""history""".tenant (fleet, schema, name, labels) VALUES
              ('shop', 't_2', 'Bob', '{}'), ('shop', 't_1', 'Ann', '{"ring": 1, "tier": "gold", "note": null}'), ('other', 't_3', 'Eve', '{}');
            """");
        var tenants = await source.ReadAsync(default).ToListAsync();
        Assert.Equal([("Ann", "t_1"), ("Bob", "t_2")], tenants.Select(static t => (t.Name, t.Schema)));
        Assert.Equal("note=; ring=1; tier=gold", tenants[0].Labels.ToString());
        Assert.Equal(database.Name, tenants[1].Database);
    }

    [Fact]
    public async Task A_registry_that_may_not_be_read_is_a_clear_error()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        var role = "reader_of_" + database.Name;
        await database.ExecuteAsync($"CREATE ROLE {role} LOGIN; CREATE SCHEMA tenancy; CREATE TABLE tenancy.tenant (fleet text)");
        try
        {
            await using var connector = new DatabaseConnector(new() { Host = database.Server.Host, Port = database.Server.Port, Username = role, Database = database.Name }, machine.Environment);
            var error = await Assert.ThrowsAsync<TenancyException>(async () => await NamesAsync(new RegistrySource(connector, connector.Default, "tenancy", "shop")));
            Assert.Equal("TenantSourceFailed", error.ErrorId);
            Assert.Contains(role, error.Message, StringComparison.Ordinal);
        }
        finally
        {
            await database.ExecuteAsync($"DROP ROLE {role}");
        }
    }

    [Fact]
    public async Task The_project_s_source_holds_where_nothing_else_is_said()
    {
        await using var connector = new DatabaseConnector(new() { Host = "db" }, machine.Environment);
        var project = new TenancyProject { Fleet = "f", ManifestFolder = "/m", Path = "/m/tenancy.yaml" };
        Assert.IsType<RegistrySource>(Make(null, project));
        var byFile = project with { Tenants = new(false, null, null, "/m/fleet.csv") };
        Assert.IsType<FileSource>(Make(null, byFile));
        Assert.IsType<SchemaPatternSource>(Make(new(false, "t_*", null, null), byFile));
        Assert.IsType<QuerySource>(Make(new(false, null, "SELECT 1", null), byFile));
        Assert.IsType<RegistrySource>(Make(new(true, null, null, null), byFile));

        ITenantSource Make(TenantSourceSettings? settings, TenancyProject of) => TenantSources.Create(settings, of, connector, connector.Default);
    }

    [Fact]
    public async Task A_csv_file_gives_tenants_in_any_common_form()
    {
        var path = machine.Write("fleet.csv", "\uFEFFSchema,\"Name\",Region,Labels\r\nt_1,\"Müller, \"\"A\"\"\",eu,ring=1; tier=gold\r\n\r\nt_2,,,\r\n");
        var tenants = await new FileSource(path).ReadAsync(default).ToListAsync();
        Assert.Equal([("Müller, \"A\"", "t_1"), ("t_2", "t_2")], tenants.Select(static t => (t.Name, t.Schema)));
        Assert.Equal("Region=eu; ring=1; tier=gold", tenants[0].Labels.ToString());
        Assert.Null(tenants[0].Database);
        Assert.Equal(["a", "b"], await NamesAsync(new FileSource(machine.Write("semicolons.CSV", "name;database\na;x\nb;y"))));
        Assert.Equal(["a", "b"], await NamesAsync(new FileSource(machine.Write("one.csv", "schema\na\nb\n"))));
    }

    [Fact]
    public async Task A_yaml_file_gives_tenants_from_names_and_mappings()
    {
        var path = machine.Write("fleet.yaml", """
            # the fleet
            - plain
            - {name: Ann, schema: t_ann, server: "db2:5433"}
            - schema: t_bob
              database: other
              labels: {ring: 2, note: ~}
            - "null"
            """);
        var tenants = await new FileSource(path).ReadAsync(default).ToListAsync();
        Assert.Equal([("plain", "plain"), ("Ann", "t_ann"), ("t_bob", "t_bob"), ("null", "null")], tenants.Select(static t => (t.Name, t.Schema)));
        Assert.Equal(("db2:5433", "other"), (tenants[1].Server, tenants[2].Database));
        Assert.Equal("note=; ring=2", tenants[2].Labels.ToString());
    }

    [Theory]
    [InlineData("f.csv", "", "f.csv: the file is empty")]
    [InlineData("f.csv", "id,tenant\n1,x\n", "f.csv:1: there is neither")]
    [InlineData("f.csv", "name,schema\na,b\n\"x\ny\",b\nc\n", "f.csv:5: the row has 1 values for 2 columns")]
    [InlineData("f.csv", "name,region\n,eu\n", "f.csv:2: the row has neither name nor schema")]
    [InlineData("f.csv", "name\na\"b\n", "f.csv:2: a quote")]
    [InlineData("f.yaml", "", "The file is a list")]
    [InlineData("f.yaml", "tenants: [a]", "f.yaml:1:1: The file is a list")]
    [InlineData("f.yml", "- {name: a, shcema: b}", "f.yml:1:13: A tenant has no key 'shcema'. Free text by name goes under 'labels'. Did you mean 'schema'?")]
    [InlineData("f.yaml", "- name: a\n  name: b", "f.yaml:2:3: The key 'name' is there twice")]
    [InlineData("f.yaml", "- labels: {x: 1}", "f.yaml:1:3: The tenant has neither")]
    [InlineData("f.yaml", "- [a]\n- name: [b]\n- b", "f.yaml:2:9: A text is expected")]
    [InlineData("f.yaml", "- &a x\n- *a", "f.yaml:2:3: A tenant is a name")]
    [InlineData("f.yaml", "- name: 'a", "f.yaml:1:")]
    [InlineData("f.yaml", "- a\n---\n- b", "f.yaml:2:1: A second")]
    public async Task An_error_in_a_file_names_file_and_line(string name, string content, string part)
    {
        var source = new FileSource(machine.Write(name, content));
        var error = await Assert.ThrowsAsync<TenancyException>(async () => await NamesAsync(source));
        Assert.Equal("InvalidTenantFile", error.ErrorId);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deeply_nested_file_is_an_error_and_no_crash()
    {
        var source = new FileSource(machine.Write("deep.yaml", "- name: " + new string('[', 100_000)));
        var error = await Assert.ThrowsAsync<TenancyException>(async () => await NamesAsync(source));
        Assert.Contains("nested too deep", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_text_file_of_tenants_is_an_error()
    {
        Assert.Throws<TenancyException>(() => new FileSource("fleet.txt"));
        var missing = await Assert.ThrowsAsync<TenancyException>(async () => await NamesAsync(new FileSource(Path.Combine(machine.Home, "gone.csv"))));
        Assert.Contains("gone.csv", missing.Message, StringComparison.Ordinal);
        var latin = Path.Combine(machine.Home, "latin.csv");
        await File.WriteAllBytesAsync(latin, [.. "name\nM"u8, 0xFC, .. "ller"u8]);
        var error = await Assert.ThrowsAsync<TenancyException>(async () => await NamesAsync(new FileSource(latin)));
        Assert.Contains("byte 7", error.Message, StringComparison.Ordinal);
    }

    private static async Task<List<string>> NamesAsync(ITenantSource source) => await source.ReadAsync(default).Select(static tenant => tenant.Name).ToListAsync();

    private DatabaseConnector Connect(TestDatabase database) =>
        new(new() { Host = database.Server.Host, Port = database.Server.Port, Username = database.Server.SuperUser, Database = database.Name }, machine.Environment);
}
