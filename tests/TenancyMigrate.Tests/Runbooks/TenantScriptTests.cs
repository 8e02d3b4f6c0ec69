using System.Diagnostics;
using System.Globalization;
using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Runbooks;

/// <summary>The scripts that make tenants, restore one, find drift and adopt a fleet.</summary>
public sealed class TenantScriptTests
{
    [SkippableFact]
    public async Task A_hundred_tenants_are_added_once_and_what_cannot_be_made_is_named()
    {
        await using var project = await TestProject.CreateAsync("c7");
        using var runbook = new Runbook(project);
        var file = Path.Combine(project.Folder, "customers.csv");
        await File.WriteAllTextAsync(file, "Name,Schema,Region\n" + string.Concat(Enumerable.Range(1, 100).Select(static number => string.Create(CultureInfo.InvariantCulture, $"{(number == 7 ? "c7" : $"Customer {number}")},c{number},eu\n"))));
        (await project.RunAsync("Invoke-TenantMigration")).Clean();
        await project.Database.ExecuteAsync("CREATE SCHEMA c50");

        var first = await runbook.RunAsync("Add-TenantList.ps1", 2, "FAILED: 99 of 100 are there at the latest revision, 1 could not be made.", "-Path", file);
        Assert.Equal("100 in the file, 99 of them to be made.", first.Lines[1]);
        Assert.Contains(first.Lines, static line => line.StartsWith("  Customer 50: ", StringComparison.Ordinal));

        await project.Database.ExecuteAsync("DROP SCHEMA c50");
        var again = await runbook.RunAsync("Add-TenantList.ps1", 0, "OK: all 100 are there at the latest revision.", "-Path", file);
        Assert.Equal("100 in the file, 1 of them to be made.", again.Lines[1]);
        Assert.Equal("eu", await project.Database.ScalarAsync<string>("SELECT labels ->> 'Region' FROM tenancy.tenant WHERE schema = 'c50'"));
        Assert.Equal("invoice orders", await project.TablesAsync("c50"));

        await File.AppendAllTextAsync(file, "Customer 8,c8,eu\n");
        using var twice = runbook.Start("Add-TenantList.ps1", "-Path", file);
        var end = await twice.WaitAsync();
        Assert.Equal((1, ""), (end.ExitCode, end.Output));
        Assert.Contains("the same Name twice: Customer 8", end.ErrorText, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_tenant_is_restored_from_a_dump_of_an_older_revision()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex");
        using var runbook = new Runbook(project);
        (await project.RunAsync("Invoke-TenantMigration -To a001")).Clean();
        await project.Database.ExecuteAsync("INSERT INTO acme.orders (note) VALUES ('of last week')");
        var dump = Path.Combine(project.Folder, "acme.dump");
        await DumpAsync(project, "acme", dump);
        (await project.RunAsync("Invoke-TenantMigration")).Clean();
        await project.Database.ExecuteAsync("DELETE FROM acme.orders");

        var bad = Path.Combine(project.Folder, "bad.dump");
        await File.WriteAllBytesAsync(bad, (await File.ReadAllBytesAsync(dump))[..^20]);
        using (var process = runbook.Start("Restore-Tenant.ps1", "-Tenant", "acme", "-Dump", bad))
        {
            Assert.Equal(1, (await process.WaitAsync()).ExitCode);
        }

        Assert.Equal("invoice orders", await project.TablesAsync("acme"));
        Assert.Equal(["AtHead", "AtHead"], (await project.RunAsync("Get-TenantRevision | Where-Object Scope -eq tenant")).Clean().Values("Status"));

        var end = await runbook.RunAsync("Restore-Tenant.ps1", 0, "OK: acme is at b002.", "-Tenant", "acme", "-Dump", dump);

        Assert.Contains("Restored: acme shows as Recreated.", end.Lines);
        Assert.Contains("Its shape says that it was dumped at a001.", end.Lines);
        Assert.Equal("of last week", await project.Database.ScalarAsync<string>("SELECT note FROM acme.orders"));
        Assert.Equal(1L, await project.Database.ScalarAsync<long>("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'kept%acme'"));
        Assert.Equal(["acme", "globex"], (await project.RunAsync("Get-Tenant")).Clean().Values("Name"));
    }

    [SkippableFact]
    public async Task Drift_is_found_and_repaired_by_a_manifest()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex", "initech");
        using var runbook = new Runbook(project);
        (await project.RunAsync("Invoke-TenantMigration")).Clean();
        await runbook.RunAsync("Find-Drift.ps1", 0, "OK: 3 tenants are as their revisions say.");
        await project.Database.ExecuteAsync("ALTER TABLE globex.orders ADD COLUMN paid boolean");

        var found = await runbook.RunAsync("Find-Drift.ps1", 2, "FAILED: 1 of 3 tenants are not as expected (1 Drifted).");
        Assert.Contains("    column orders.paid is not expected", found.Lines);
        Assert.Equal(2, Directory.GetFiles(Path.Combine(project.Folder, "manifests")).Length);

        var written = await runbook.RunAsync("Find-Drift.ps1", 2, "FAILED: 1 of 3", "-Repair");
        Assert.Contains(written.Lines, static line => line.StartsWith("Written: ", StringComparison.Ordinal));
        await runbook.RunAsync("Invoke-NightlyMigration.ps1", 0, "OK: 3 Migrated.");
        await runbook.RunAsync("Find-Drift.ps1", 0, "OK");
    }

    [SkippableFact]
    public async Task A_fleet_of_Alembic_is_adopted_whole_or_not_at_all()
    {
        await using var project = await TestProject.CreateAsync();
        using var runbook = new Runbook(project);
        foreach (var (schema, version) in new[] { ("tenant_a", "ae1027a6acfe"), ("tenant_b", "ae1027a6acfe"), ("tenant_c", "1975ea83b712") })
        {
            await project.Database.ExecuteAsync($"""
                CREATE SCHEMA {schema};
                CREATE TABLE {schema}.orders (id bigint GENERATED BY DEFAULT AS IDENTITY, note text, CONSTRAINT orders_pkey PRIMARY KEY (id));
                CREATE TABLE {schema}.alembic_version (version_num varchar(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));
                INSERT INTO {schema}.alembic_version VALUES ('{version}');
                """);
        }

        await project.Database.ExecuteAsync("CREATE TABLE tenant_a.invoice (id bigint CONSTRAINT invoice_pkey PRIMARY KEY, order_id bigint NOT NULL, CONSTRAINT invoice_order_id_fkey FOREIGN KEY (order_id) REFERENCES tenant_a.orders (id)); CREATE TABLE tenant_b.invoice (LIKE tenant_a.invoice)");
        var mapping = Path.Combine(project.Folder, "alembic.yaml");
        await File.WriteAllTextAsync(mapping, "ae1027a6acfe: b002\n");
        string[] arguments = ["-SchemaPattern", "tenant_*", "-Mapping", mapping];

        await runbook.RunAsync("Import-AlembicFleet.ps1", 2, "FAILED: 1 of 3 cannot be adopted. Nothing was written.", arguments);
        Assert.False(await project.Database.ScalarAsync<bool>("SELECT to_regclass('tenancy.head') IS NOT NULL AND EXISTS (SELECT FROM pg_namespace WHERE nspname = 'tenancy')"));

        await File.AppendAllTextAsync(mapping, "1975ea83b712: a001\n");
        var end = await runbook.RunAsync("Import-AlembicFleet.ps1", 3, "NOT DONE: all 3 are adopted, 1 differ from what their revision says.", arguments);
        Assert.Contains("Adopted: 3 Imported.", end.Lines);
        Assert.Contains(end.Lines, static line => line.Contains("invoice_pkey is missing", StringComparison.Ordinal));

        await project.Database.ExecuteAsync("ALTER TABLE tenant_b.invoice ADD CONSTRAINT invoice_pkey PRIMARY KEY (id), ADD CONSTRAINT invoice_order_id_fkey FOREIGN KEY (order_id) REFERENCES tenant_b.orders (id)");
        await runbook.RunAsync("Import-AlembicFleet.ps1", 0, "OK: all 3 are adopted and as their revisions say.", arguments);
    }

    private static async Task DumpAsync(TestProject project, string schema, string file)
    {
        var program = new[] { project.Database.Server.BinDirectory }.Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)).Select(static folder => Path.Combine(folder, OperatingSystem.IsWindows() ? "pg_dump.exe" : "pg_dump")).FirstOrDefault(File.Exists);
        Skip.If(program is null, "There is no pg_dump beside the server or on PATH (Debian: install postgresql-client).");
        using var process = Process.Start(program!, ["--format=custom", $"--schema={schema}", $"--file={file}", $"--dbname={project.Address}"]);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }
}
