using System.Net;
using System.Net.Sockets;
using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Cmdlets;

public sealed class TenantTests
{
    [SkippableFact]
    public async Task New_makes_a_tenant_at_head_and_Remove_drops_it()
    {
        await using var project = await TestProject.CreateAsync();
        var made = (await project.RunAsync("""New-Tenant 'Acme Corp.' -Schema tenant_acme; New-Tenant @{ Name = 'Globex'; Schema = 'tenant_globex'; Labels = @{ ring = 1 } }""")).Clean();
        Assert.Equal(["Migrated", "Migrated"], made.Values("Status"));
        var found = (await project.RunAsync("Get-Tenant; Get-Tenant | Get-TenantRevision | Where-Object Scope -eq tenant")).Clean();
        Assert.Equal(["tenant_acme", "tenant_globex", "tenant_acme", "tenant_globex"], found.Values("Schema"));
        Assert.Equal("1", found.Objects[1].GetProperty("Labels").GetProperty("ring").GetString());
        Assert.Equal("AtHead", found.Objects[2].GetProperty("Status").GetString());

        (await project.RunAsync("Remove-Tenant 'Acme*' -Confirm:$false; Get-Tenant Globex | Remove-Tenant -KeepSchema -Confirm:$false")).Clean();
        Assert.Equal(1, await project.Database.ScalarAsync<long>("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'tenant%' AND nspname <> 'tenancy'"));
        Assert.Empty((await project.RunAsync("Get-Tenant")).Clean().Objects);
    }

    [SkippableFact]
    public async Task Remove_asks_and_knows_only_tenants()
    {
        await using var project = await TestProject.CreateAsync("acme");
        await project.Database.ExecuteAsync("CREATE SCHEMA precious");
        // Nobody can answer here, so the question itself is the error.
        var asked = await project.RunAsync("Remove-Tenant acme");
        Assert.Contains("acme", asked.Error.Message + asked.Error.Target + asked.Error.Id, StringComparison.OrdinalIgnoreCase);
        var unknown = await project.RunAsync("Remove-Tenant precious -Confirm:$false");
        Assert.Equal("ObjectNotFound", unknown.Error.Category);
        Assert.Equal(2, await project.Database.ScalarAsync<long>("SELECT count(*) FROM pg_namespace WHERE nspname IN ('acme', 'precious')"));
    }

    /// <summary>The error is the tenant's; the others are removed.</summary>
    [SkippableFact]
    public async Task Remove_goes_on_where_a_database_cannot_be_reached()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex");

        var answer = await project.RunAsync("@{ Schema = 'far'; Database = 'not_there' }, 'acme', @{ Schema = 'shared' }, 'globex' | Remove-Tenant -Confirm:$false; Get-Tenant");

        Assert.Empty(answer.Objects);
        Assert.Equal(["TenantMigration.DatabaseNotFound,TenancyMigrate.Cmdlets.RemoveTenantCommand", "TenantMigration.InvalidTenant,TenancyMigrate.Cmdlets.RemoveTenantCommand"], answer.Errors.Select(static error => error.Id));
        Assert.Null(answer.Ended);
    }

    [SkippableFact]
    public async Task Remove_waits_once_for_a_server_that_does_not_answer()
    {
        // It takes connections, and says nothing.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var project = await TestProject.CreateAsync("acme", "globex");
        var connect = project.Connect.Replace(project.Address, project.Address + "?connect_timeout=1", StringComparison.Ordinal);

        var answer = await Pwsh.RunAsync($"{connect}@{{ Schema = 'far'; Server = '{silent.LocalEndpoint}' }}, 'acme', @{{ Schema = 'farther'; Server = '{silent.LocalEndpoint}' }}, 'globex' | Remove-Tenant -Confirm:$false; Get-Tenant", project.Folder);

        Assert.Empty(answer.Objects);
        Assert.Equal(["TenantMigration.ConnectionFailed", "TenantMigration.ConnectionFailed"], answer.Errors.Select(static error => error.Id.Split(',')[0]));
        silent.AcceptTcpClient().Dispose();
        Assert.False(silent.Pending());
    }

    [SkippableFact]
    public async Task Names_take_wildcards_and_only_a_literal_miss_is_an_error()
    {
        await using var project = await TestProject.CreateAsync("acme", "acme2", "globex");
        Assert.Equal(["acme", "acme2"], (await project.RunAsync("Get-Tenant ACME*")).Clean().Values("Name"));
        Assert.Equal(["acme", "globex"], (await project.RunAsync("Get-Tenant -ExcludeName *2")).Clean().Values("Name"));
        Assert.Empty((await project.RunAsync("Get-Tenant x*")).Clean().Objects);
        var missed = await project.RunAsync("Get-Tenant acme, nobody");
        Assert.Equal(["acme"], missed.Values("Name"));
        Assert.Equal(("ObjectNotFound", "TenantMigration.TenantNotFound,TenancyMigrate.Cmdlets.GetTenantCommand"), (missed.Error.Category, missed.Error.Id));
    }

    [SkippableFact]
    public async Task Tenants_come_from_a_pattern_a_query_and_files()
    {
        await using var project = await TestProject.CreateAsync();
        await project.Database.ExecuteAsync("CREATE SCHEMA t_one; CREATE SCHEMA t_two; CREATE SCHEMA other");
        await File.WriteAllTextAsync(Path.Combine(project.Folder, "a.csv"), "name,schema,region\nOne,t_one,eu\n");
        await File.WriteAllTextAsync(Path.Combine(project.Folder, "b.csv"), "name,schema,region\nOne again,t_one,eu\nTwo,t_two,us\n");
        var answer = (await project.RunAsync("""
            Get-Tenant -SchemaPattern t_*
            Get-Tenant -Query "SELECT 'Q' AS name, 'other' AS schema, 'x' AS region"
            Get-Tenant -Path *.csv
            Get-Tenant -LiteralPath ./a.csv
            """)).Clean();
        Assert.Equal(["t_one", "t_two", "other", "t_one", "t_two", "t_one"], answer.Values("Schema"));
        Assert.Equal("us", answer.Objects[4].GetProperty("Labels").GetProperty("region").GetString());
    }

    [SkippableFact]
    public async Task Anything_with_a_schema_is_a_tenant()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex");
        var answer = (await project.RunAsync("""
            $table = [System.Data.DataTable]::new()
            'name', 'schema', 'ring' | ForEach-Object { $null = $table.Columns.Add($_) }
            $null = $table.Rows.Add('Row', 'acme', '7')
            $inputs = @(
                'acme'
                @{ Schema = 'acme'; Name = 'Hash' }
                [pscustomobject]@{ schema = 'acme'; name = 'Object'; ring = 5 }
                ('name,schema,ring', 'Csv,acme,6' | ConvertFrom-Csv)
                [Tenancy.Model.Tenant]@{ Name = 'Cast'; Schema = 'acme'; Labels = @{ ring = 4 } }
                ([Tenancy.Model.Tenant]@{ Name = 'Json'; Schema = 'acme'; Labels = @{ ring = 3 } } | ConvertTo-Json | ConvertFrom-Json)
                [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize([Tenancy.Model.Tenant]@{ Name = 'Xml'; Schema = 'acme'; Labels = @{ ring = 2 } }))
            )
            foreach ($item in $inputs) { $item | Get-TenantRevision | Where-Object Scope -eq tenant }
            $table.Rows | Get-TenantRevision | Where-Object Scope -eq tenant
            Get-TenantRevision -Tenant acme, globex, acme | Where-Object Scope -eq tenant
            """)).Clean();
        Assert.Equal(["acme", "Hash", "Object", "Csv", "Cast", "Json", "Xml", "Row", "acme", "globex"], answer.Values("Name"));
        Assert.Equal(["5", "6", "4", "3", "2", "7"], answer.Objects.Skip(2).Take(6).Select(static item => item.GetProperty("Labels").GetProperty("ring").GetString()));
    }

    [SkippableFact]
    public async Task What_is_no_tenant_is_an_error_of_its_own_that_says_what_one_needs()
    {
        await using var project = await TestProject.CreateAsync("acme");
        var answer = await project.RunAsync("Get-Process -Id $PID | Invoke-TenantMigration; @(Get-Item .; 'acme') | Invoke-TenantMigration");
        Assert.Equal(["acme"], answer.Values("Name"));
        Assert.Equal(2, answer.Errors.Count);
        Assert.All(answer.Errors, static error => Assert.Contains("Schema", error.Message, StringComparison.Ordinal));
        Assert.Contains("Process", answer.Errors[0].Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task An_empty_pipeline_and_results_of_a_shared_schema_mean_no_tenants_and_not_all()
    {
        await using var project = await TestProject.CreateAsync("acme");
        var answer = (await project.RunAsync("""
            Get-Tenant x* | Invoke-TenantMigration
            Invoke-TenantMigration -Tenant @()
            [Tenancy.Model.MigrationResult]@{ Name = 'shared'; Schema = 'shared'; Scope = 'shared' } | Invoke-TenantMigration
            Invoke-TenantMigration -Tenant x*
            """)).Clean();
        Assert.Empty(answer.Objects);
        Assert.Equal("", await project.TablesAsync("acme"));
    }

    [SkippableTheory]
    [InlineData("Ünï \"quoted\" 'x'")]
    [InlineData("a\"b'; drop schema x; --")]
    public async Task Strange_names_stay_one_name(string name)
    {
        await using var project = await TestProject.CreateAsync();
        var quoted = PwshProcess.Quote(name);
        var answer = (await project.RunAsync($"New-Tenant {quoted}; Get-Tenant | Undo-TenantMigration -To base; Get-Tenant {quoted} | Invoke-TenantMigration; Get-TenantHistory {quoted}; Remove-Tenant {quoted} -Confirm:$false; Get-Tenant")).Clean();
        Assert.True(answer.Objects.Count > 3);
        Assert.All(answer.Values("Name"), value => Assert.Equal(name, value));
    }

    [SkippableFact]
    public async Task A_connection_given_goes_before_the_sessions_and_jobs_have_none()
    {
        await using var project = await TestProject.CreateAsync("acme");
        await using var other = await TestProject.CreateAsync("elsewhere");
        var answer = (await project.RunAsync($$"""
            Get-Tenant -Database {{other.Database.Name}}
            Get-Tenant
            {{other.Connect}}
            Get-Tenant -Project {{PwshProcess.Quote(project.Folder)}}
            Start-ThreadJob { Import-Module {{PwshProcess.Quote(Repository.Manifest)}}; try { Disconnect-TenantDatabase -Verbose 4>&1 | ForEach-Object { [pscustomobject]@{ Name = "$_" } } } catch { throw } } | Receive-Job -Wait
            Disconnect-TenantDatabase
            """)).Clean();
        Assert.Equal(["elsewhere", "acme", "elsewhere", "There was no default database to forget."], answer.Values("Name"));
    }
}
