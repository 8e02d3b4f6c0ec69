using System.Globalization;
using Tenancy.Core.Tests;

namespace TenancyMigrate.Tests.Hosting;

/// <summary>What the examples of the help are about: a project with the revisions that they name, tenants acme and globex, and the files that they read.</summary>
internal sealed class ExampleWorld : IAsyncDisposable
{
    private const string Customers = "Name,Schema,Region\nInitech,tenant_initech,eu\nHooli,tenant_hooli,us\n";

    private readonly TestDatabase database;
    private readonly string folder;

    /// <summary>The folder of its project, in which examples run.</summary>
    public string Folder => folder;

    /// <summary>Its database.</summary>
    public TestDatabase Database => database;

    private ExampleWorld(TestDatabase database, string folder)
    {
        this.database = database;
        this.folder = folder;
    }

    /// <summary>The database, as <c>-Server</c> takes it.</summary>
    public string Address => string.Create(CultureInfo.InvariantCulture, $"postgresql://postgres@{database.Server.Host}:{database.Server.Port}/{database.Name}");

    /// <summary>Makes one for the examples of a cmdlet.</summary>
    public static async Task<ExampleWorld> CreateAsync(string cmdlet)
    {
        var world = new ExampleWorld(await PostgresFixture.CreateDatabaseAsync(), Directory.CreateTempSubdirectory("tenancy-example-").FullName);
        world.Write("", cmdlet);
        world.Write("migrations", cmdlet);
        await File.WriteAllTextAsync(Path.Combine(world.folder, "customers.csv"), Customers);
        await File.WriteAllTextAsync(Path.Combine(world.folder, "rollout.yaml"), "rings:\n  - {name: canary, match: {names: acme}}\n");
        await world.database.ExecuteAsync(
            "CREATE SCHEMA shared; CREATE TABLE shared.customer AS SELECT 'Acme' AS title, 'acme' AS schema_name, 'eu' AS region, true AS active; CREATE SCHEMA tenant_a; CREATE SCHEMA tenant_test");
        if (cmdlet == "Import-TenantRevision")
        {
            await world.WriteVersionsAsync();
        }

        if (cmdlet == "New-TenantMigration")
        {
            await world.WriteSchemasAsync();
        }

        if (cmdlet is not ("New-Tenant" or "Merge-TenantMigration"))
        {
            // A test of the fleet succeeds where all are at head.
            (await world.RunAsync($"New-Tenant acme, legacy1; New-Tenant globex -To {(cmdlet == "Test-TenantMigration" ? "head" : "7c1e")}")).Clean();
        }

        return world;
    }

    /// <summary>Runs an example: hosts are those of the test's server, questions are answered, and what is not installed here answers as it would.</summary>
    public Task<PwshAnswer> RunAsync(string code)
    {
        foreach (var (written, here) in new[]
        {
            ("-Server db.example.com -Database app", $"-Server '{Address}'"),
            ("-Server localhost -Database app", $"-Server '{Address}'"),
            ("Import-Module TenancyMigrate ", $"Import-Module {PwshProcess.Quote(Repository.Manifest)} "),
            ("'postgresql://deploy@contoso.postgres.database.azure.com/app'", $"'{Address}'"),
            ("-Server pooler:6432 -Database app -DirectServer db:5432", string.Create(CultureInfo.InvariantCulture, $"-Server '{Address}' -DirectServer localhost:{database.Server.Port}")),
        })
        {
            code = code.Replace(written, here, StringComparison.Ordinal);
        }

        return Pwsh.RunAsync($$"""
            $ConfirmPreference = 'None'
            function Get-Credential { [pscredential]::new('postgres', (ConvertTo-SecureString 'none' -AsPlainText -Force)) }
            function Get-AzAccessToken { [pscustomobject]@{ Token = ConvertTo-SecureString 'none' -AsPlainText -Force } }
            function az { 'none' }
            function code($path) { $null = Get-Item -LiteralPath $path }
            $null = Connect-TenantDatabase -Server '{{Address}}' -Project {{PwshProcess.Quote(folder)}}
            {{code}}
            """, folder);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Directory.Delete(folder, recursive: true);
        await database.DisposeAsync();
    }

    // Tables of other tools, and the mappings that the examples name.
    private async Task WriteVersionsAsync()
    {
        foreach (var schema in new[] { "tenant_a", "tenant_test" })
        {
            await database.ExecuteAsync($"""
                CREATE TABLE {schema}.alembic_version (version_num varchar(32) PRIMARY KEY);
                INSERT INTO {schema}.alembic_version VALUES ('3fa9d210');
                CREATE TABLE {schema}.schema_version (installed_rank int PRIMARY KEY, version varchar(50), type varchar(20) NOT NULL, success boolean NOT NULL);
                INSERT INTO {schema}.schema_version VALUES (1, '1', 'SQL', true), (2, '2', 'SQL', true);
                """);
        }

        await database.ExecuteAsync("""
            CREATE TABLE shared."__EFMigrationsHistory" ("MigrationId" varchar(150) PRIMARY KEY, "ProductVersion" varchar(32) NOT NULL);
            INSERT INTO shared."__EFMigrationsHistory" VALUES ('20240101000000_First', '8.0.0');
            """);
        await File.WriteAllTextAsync(Path.Combine(folder, "flyway.yaml"), "1: 2b7e91c0\n2: 3fa9d210\n");
        await File.WriteAllTextAsync(Path.Combine(folder, "shared.csv"), "version,revision\n20240101000000_First,5a10c7e2\n");
    }

    // How the tenants' schema is to be, as SQL files and as a dump.
    private async Task WriteSchemasAsync()
    {
        const string Tables = "CREATE TABLE public.t2b7e91c0 (id integer);\nCREATE TABLE public.t3fa9d210 (id integer);\nCREATE TABLE public.t7c1e04b2 (id integer);\nCREATE TABLE public.t9e1c55d1 (id integer);\n";
        Directory.CreateDirectory(Path.Combine(folder, "schema"));
        await File.WriteAllTextAsync(Path.Combine(folder, "schema", "tables.sql"), Tables + "CREATE TABLE customer (id integer, fax text, points integer NOT NULL DEFAULT 0);\n");
        await File.WriteAllTextAsync(
            Path.Combine(folder, "app.sql"), "\\restrict k3y\nSET lock_timeout = 0;\nSELECT pg_catalog.set_config('search_path', '', false);\n" + Tables + "CREATE TABLE public.customer (id integer, phone text);\nALTER TABLE public.customer OWNER TO developer;\n\\unrestrict k3y\n");
    }

    private void Write(string name, string cmdlet)
    {
        // Heads to join, and a table to speak of, are what the others do not have.
        var isForked = cmdlet == "Merge-TenantMigration";
        var project = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
        var manifests = Directory.CreateDirectory(Path.Combine(project, "manifests")).FullName;
        File.WriteAllText(Path.Combine(project, "tenancy.yaml"), "fleet: app\n");
        string Parent(string inLine) => isForked ? "2b7e91c0" : inLine;
        Manifest("5a10c7e2", "scope: shared");
        Manifest("2b7e91c0", "");
        Manifest("3fa9d210", $"parent: {Parent("2b7e91c0")}\nlabels: [billing]");
        Manifest("7c1e04b2", $"parent: {Parent("3fa9d210")}");
        if (!isForked)
        {
            Manifest("9e1c55d1", "parent: 7c1e04b2");
        }

        void Manifest(string id, string more) => File.WriteAllText(
            Path.Combine(manifests, id + ".yaml"),
            $"revision: {id}\n{more}\nup:\n  - create_table: {{name: t{id}, columns: [{{name: id, type: integer}}]}}\n"
                + (cmdlet == "New-TenantMigration" && id == "2b7e91c0" ? "  - create_table: {name: customer, columns: [{name: id, type: integer}, {name: fax, type: text}]}\n" : ""));
    }
}
