using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Cmdlets;

public sealed class MigrationTests
{
    [SkippableFact]
    public async Task Get_Tenant_pipes_into_Invoke_TenantMigration()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex");
        var answer = (await project.RunAsync("Get-Tenant | Invoke-TenantMigration")).Clean();
        Assert.Equal(["acme", "globex"], answer.Values("Name"));
        Assert.Equal(["Migrated", "Migrated"], answer.Values("Status"));
        Assert.Equal("""["a001","b002"]""", answer.Objects[0].GetProperty("Revisions").ToString());
        Assert.Equal("invoice orders", await project.TablesAsync("acme"));
        Assert.Contains("Migrated", answer.Text, StringComparison.Ordinal);
        Assert.All(answer.Text.Split('\n'), static line => Assert.InRange(line.TrimEnd('\r').Length, 0, 120));

        var again = (await project.RunAsync("Get-Tenant | Invoke-TenantMigration")).Clean();
        Assert.Equal(["UpToDate", "UpToDate"], again.Values("Status"));
    }

    [SkippableFact]
    public async Task A_failing_tenant_gives_a_result_and_an_error_and_stops_no_other()
    {
        await using var project = await TestProject.CreateAsync("acme", "broken", "globex");
        await project.Database.ExecuteAsync("CREATE TABLE broken.invoice (x int)");
        var answer = await project.RunAsync("Get-Tenant | Invoke-TenantMigration");
        Assert.Equal(["Migrated", "Failed", "Migrated"], answer.Values("Status"));
        Assert.Equal("""["a001"]""", answer.Objects[1].GetProperty("To").ToString());
        Assert.Null(answer.Ended);
        Assert.StartsWith("TenantMigration.", answer.Error.Id, StringComparison.Ordinal);
        Assert.Equal("broken", answer.Error.Target);
        Assert.NotEmpty(answer.Error.Action!);
        Assert.Contains("b002.yaml", answer.Error.Message + answer.Objects[1].GetProperty("Failure"), StringComparison.Ordinal);

        await project.Database.ExecuteAsync("DROP TABLE broken.invoice");
        var mended = (await project.RunAsync("Get-Tenant | Invoke-TenantMigration | Where-Object Status -eq Migrated")).Clean();
        Assert.Equal(["broken"], mended.Values("Name"));
    }

    [SkippableFact]
    public async Task A_blocked_tenant_goes_behind_the_others_and_says_who_blocks_it()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex", "initech");
        await File.WriteAllTextAsync(Path.Combine(project.Folder, "tenancy.yaml"), "fleet: test\ntimeouts: {lock: 1500ms}\nretries: {max: 1000, pause: 100ms}\n");
        (await project.RunAsync("$null = Invoke-TenantMigration -To a001")).Clean();
        await using var holder = await project.Database.DataSource.OpenConnectionAsync();
        await using (var command = holder.CreateCommand())
        {
            command.CommandText = "BEGIN; SET LOCAL application_name = 'nightly'; INSERT INTO acme.orders (note) VALUES ('private')";
            await command.ExecuteNonQueryAsync();
        }

        var answer = await project.RunAsync("Invoke-TenantMigration -MaxRetries 1 -Verbose");
        Assert.Equal(["globex Migrated", "initech Migrated", "acme Failed"], answer.Objects.Select(static item => $"{item.GetProperty("Name")} {item.GetProperty("Status")}"));
        Assert.Equal("TenantMigration.LockTimeout", answer.Error.Id.Split(',')[0]);
        Assert.Contains("Blocked by process", answer.Error.Message, StringComparison.Ordinal);
        Assert.Contains("'nightly', idle in transaction", answer.Error.Message, StringComparison.Ordinal);
        Assert.Contains("VALUES (?)", answer.Error.Message, StringComparison.Ordinal);
        Assert.Contains("Tried 2 times.", answer.Error.Message, StringComparison.Ordinal);
        Assert.Contains(answer.Verbose, static line => line.Contains("tried again in", StringComparison.Ordinal));
        Assert.Contains("pg_terminate_backend", answer.Error.Action, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task AllTenants_is_all_or_none_up_and_down()
    {
        await using var project = await TestProject.CreateAsync("acme", "broken", "globex");
        await project.Database.ExecuteAsync("CREATE TABLE broken.invoice (x int)");
        var answer = await project.RunAsync("Get-Tenant | Invoke-TenantMigration -Transaction AllTenants");
        Assert.Equal(["Incomplete", "Failed", "Incomplete"], answer.Values("Status"));
        Assert.Equal(2, answer.Errors.Count);
        Assert.StartsWith("2 tenants were not reached (acme, globex): all tenants are one transaction, and tenant 'broken' failed", answer.Errors[1].Message, StringComparison.Ordinal);
        Assert.Equal("", await project.TablesAsync("acme"));

        await project.Database.ExecuteAsync("DROP TABLE broken.invoice");
        var mended = (await project.RunAsync("Get-Tenant | Invoke-TenantMigration -Transaction AllTenants -Verbose")).Clean();
        Assert.Equal(["Migrated", "Migrated", "Migrated"], mended.Values("Status"));
        Assert.Contains("stays locked until the last is done", Assert.Single(mended.Warnings), StringComparison.Ordinal);
        Assert.Contains(mended.Verbose, static line => line.Contains("the lock table has room for", StringComparison.Ordinal));
        Assert.Equal("invoice orders", await project.TablesAsync("globex"));

        var undone = (await project.RunAsync("Get-Tenant | Undo-TenantMigration -Steps 1 -Transaction AllTenants")).Clean();
        Assert.Equal(["Migrated", "Migrated", "Migrated"], undone.Values("Status"));
    }

    [SkippableFact]
    public async Task Whom_one_cause_kept_from_work_has_a_result_and_all_of_them_one_error()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex", "initech", "umbrella");
        await project.Database.ExecuteAsync("CREATE SCHEMA shared");
        await project.WriteAsync("s001", "revision: s001\nscope: shared\nup:\n  - sql: CREATE TABLE shared.country (id int)\n    undo: SELECT 1\n");
        await project.Database.ExecuteAsync("CREATE TABLE shared.country (id int)");

        var answer = await project.RunAsync("""
            $results = Get-Tenant | Invoke-TenantMigration
            $results
            $Error[0].TargetObject.Name -join ' '
            $Error.Count
            """);

        Assert.Null(answer.Ended);
        Assert.Equal(["shared Failed", "acme Incomplete", "globex Incomplete", "initech Incomplete", "umbrella Incomplete"], answer.Objects.Take(5).Select(static item => $"{item.GetProperty("Name")} {item.GetProperty("Status")}"));
        Assert.Equal("tenant 'globex' was not reached:", answer.Objects[2].GetProperty("Error").GetString()![..32]);
        Assert.Equal(2, answer.Errors.Count);
        Assert.StartsWith("TenantMigration.SharedFailed,", answer.Errors[1].Id, StringComparison.Ordinal);
        Assert.StartsWith("4 tenants were not reached (acme, globex, initech, …): the shared schema of ", answer.Errors[1].Message, StringComparison.Ordinal);
        Assert.Contains(" failed first: shared schema 'shared', revision s001 ", answer.Errors[1].Message, StringComparison.Ordinal);
        Assert.Equal("Mend the shared revision and run again.", answer.Errors[1].Action);
        Assert.Equal("acme globex initech umbrella", answer.Objects[5].GetString());
        Assert.Equal(2, answer.Objects[6].GetInt32());

        await project.Database.ExecuteAsync("DROP TABLE shared.country");
        var mended = (await project.RunAsync("Get-Tenant | Invoke-TenantMigration")).Clean();
        Assert.Equal(["shared", "acme", "globex", "initech", "umbrella"], mended.Values("Name"));
    }

    [SkippableTheory]
    [InlineData("Invoke-TenantMigration -WhatIf", "TenantMigration.WaitsForShared,", "3 tenants were not reached (acme, globex, initech): revision c003 depends on s001 of the shared schema, which is not applied in ", "CREATE SCHEMA \"shared\"")]
    [InlineData("Measure-TenantMigration", "TenantMigration.SharedFailed,", "3 tenants were not reached (acme, globex, initech): the shared schema of ", "Mend the shared revision")]
    public async Task Whom_the_shared_schema_keeps_from_work_has_one_error_in_a_plan_and_an_estimate_too(string command, string id, string message, string action)
    {
        await using var project = await TestProject.CreateAsync("acme", "globex", "initech");
        await project.WriteAsync("s001", "revision: s001\nscope: shared\nup:\n  - sql: CREATE TABLE shared.country (id int)\n    undo: SELECT 1\n");
        await project.WriteAsync("c003", "revision: c003\nparent: b002\ndepends_on: [s001]\nup:\n  - sql: CREATE TABLE tenant_schema.third (id int)\n    undo: SELECT 1\n");

        var answer = await project.RunAsync(command);

        Assert.Null(answer.Ended);
        Assert.Equal(2, answer.Errors.Count);
        Assert.Contains("shared schema 'shared': Schema shared does not exist.", answer.Errors[0].Message, StringComparison.Ordinal);
        Assert.StartsWith(id, answer.Errors[1].Id, StringComparison.Ordinal);
        Assert.StartsWith(message, answer.Errors[1].Message, StringComparison.Ordinal);
        Assert.EndsWith("Schema shared does not exist.", answer.Errors[1].Message, StringComparison.Ordinal);
        Assert.StartsWith(action, answer.Errors[1].Action, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Results_pipe_back_in_also_after_a_file()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex");
        var answer = (await project.RunAsync("""
            $results = Get-Tenant | Invoke-TenantMigration -To a001
            $results | Export-Clixml results.xml
            $results | ConvertTo-Json -Depth 5 | Set-Content results.json
            $results | Undo-TenantMigration -To base
            Import-Clixml results.xml | Invoke-TenantMigration -To a001
            Get-Content -Raw results.json | ConvertFrom-Json | Invoke-TenantMigration -To b002
            $results | Select-Object Name, Schema | ConvertTo-Csv | ConvertFrom-Csv | Invoke-TenantMigration
            """)).Clean();
        Assert.Equal(
            ["Migrated down", "Migrated down", "Migrated up", "Migrated up", "Migrated up", "Migrated up", "UpToDate up", "UpToDate up"],
            answer.Objects.Select(static item => $"{item.GetProperty("Status")} {item.GetProperty("Direction")}"));
    }

    [SkippableFact]
    public async Task Results_keep_their_values_through_json_and_clixml()
    {
        await using var project = await TestProject.CreateAsync("acme", "broken");
        await project.Database.ExecuteAsync("CREATE TABLE broken.orders (x int)");
        var answer = await project.RunAsync("""
            $ErrorActionPreference = 'SilentlyContinue'
            $results = Get-Tenant | Invoke-TenantMigration
            $results | Export-Clixml results.xml
            $json = $results | ConvertTo-Json -Depth 5
            foreach ($pair in @($json | ConvertFrom-Json), @(Import-Clixml results.xml)) {
                for ($i = 0; $i -lt $results.Count; $i++) {
                    foreach ($name in 'Name', 'Schema', 'Database', 'Server', 'Status', 'Error', 'RunId', 'Seconds', 'Started') {
                        [pscustomobject]@{ Name = $name; IsSame = "$($results[$i].$name)" -ceq "$($pair[$i].$name)"; Was = "$($results[$i].$name)"; Is = "$($pair[$i].$name)" }
                    }
                    [pscustomobject]@{ Name = 'To'; IsSame = "$($results[$i].To)" -ceq "$($pair[$i].To)"; Was = ''; Is = '' }
                    [pscustomobject]@{ Name = 'SqlState'; IsSame = $results[$i].Failure.SqlState -ceq $pair[$i].Failure.SqlState; Was = ''; Is = '' }
                }
            }
            """);
        Assert.Equal(44, answer.Objects.Count);
        Assert.All(answer.Objects, static item => Assert.True(item.GetProperty("IsSame").GetBoolean(), item.ToString()));
    }

    [SkippableFact]
    public async Task WhatIf_gives_plans_and_leaves_the_database_as_it_was()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex");
        var before = await project.Database.DumpAsync();
        var answer = (await project.RunAsync("Get-Tenant | Invoke-TenantMigration -WhatIf; New-Tenant initech -WhatIf; Get-Tenant | Remove-Tenant -WhatIf")).Clean();
        Assert.Equal(["acme", "globex"], answer.Values("Name"));
        Assert.Equal("""["a001","b002"]""", answer.Objects[0].GetProperty("Revisions").ToString());
        Assert.Contains("CREATE TABLE", answer.Objects[0].GetProperty("Steps")[0].GetProperty("Sql").GetString(), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(before, await project.Database.DumpAsync());
    }

    [SkippableFact]
    public async Task WhatIf_before_any_history_makes_none()
    {
        await using var project = await TestProject.CreateAsync();
        await project.Database.ExecuteAsync("CREATE SCHEMA acme");
        var before = await project.Database.DumpAsync();
        var answer = (await project.RunAsync("Invoke-TenantMigration acme -WhatIf; Get-Tenant -SchemaPattern 'ac*' | Get-TenantRevision | Where-Object Scope -eq tenant; Get-TenantHistory")).Clean();
        Assert.Equal(["acme", "acme"], answer.Values("Name"));
        Assert.Equal(before, await project.Database.DumpAsync());
    }

    [SkippableFact]
    public async Task Undo_goes_to_a_revision_or_by_steps()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex");
        var answer = (await project.RunAsync("""
            $null = Invoke-TenantMigration
            Undo-TenantMigration acme -Steps 1
            Undo-TenantMigration globex -To base
            """)).Clean();
        Assert.Equal(["""["b002"]""", """["b002","a001"]"""], answer.Values("Revisions"));
        Assert.Equal("orders", await project.TablesAsync("acme"));
        Assert.Equal("", await project.TablesAsync("globex"));
        var status = (await project.RunAsync("Get-TenantRevision | Where-Object Scope -eq tenant")).Clean();
        Assert.Equal(["""["a001"]""", "[]"], status.Values("Heads"));
        Assert.Equal(["Behind", "Behind"], status.Values("Status"));
        Assert.Equal(["1", "2"], status.Values("PendingCount"));
    }

    [SkippableFact]
    public async Task History_tells_how_tenants_got_there()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex");
        var answer = (await project.RunAsync("""
            $result = Invoke-TenantMigration acme
            $null = Undo-TenantMigration acme -Steps 1
            Get-TenantHistory acme -RunId $result.RunId
            Get-TenantHistory acme -Last 1
            Get-TenantHistory -Since (Get-Date).AddHours(1)
            """)).Clean();
        Assert.Equal(["a001 up", "b002 up", "b002 down"], answer.Objects.Select(static item => $"{item.GetProperty("Revision")} {item.GetProperty("Direction")}"));
        Assert.Equal(["done", "done", "done"], answer.Values("Outcome"));
    }

    [SkippableFact]
    public async Task The_graph_is_shown_without_a_connection()
    {
        await using var project = await TestProject.CreateAsync();
        await project.WriteAsync("s001", "revision: s001\nscope: shared\nup: [{sql: SELECT 1}]\ndown: [{sql: SELECT 1}]\n");
        var answer = await Pwsh.RunAsync("Get-TenantMigration -Scope Tenant; Get-TenantMigration s*; Get-TenantMigration z*; Get-TenantMigration zz", project.Folder);
        Assert.Equal(["a001", "b002", "s001"], answer.Values("Id"));
        Assert.Equal(["False", "True", "True"], answer.Values("IsHead"));
        Assert.Equal(("ObjectNotFound", "zz"), (answer.Error.Category, answer.Error.Target));
    }

    [SkippableFact]
    public async Task All_errors_of_all_manifests_are_in_one_error()
    {
        await using var project = await TestProject.CreateAsync();
        await project.WriteAsync("x1", "revision: x1\nparrent: a001\nup: []\n");
        await project.WriteAsync("x2", "revision: x2\nparent: nowhere\nup: [{sql: COMMIT}]\n");
        var error = (await Pwsh.RunAsync("Get-TenantMigration", project.Folder)).Error;
        Assert.Equal("Tenancy.Model.ManifestException", error.Type);
        Assert.Contains("x1.yaml:2", error.Message, StringComparison.Ordinal);
        Assert.Contains("x2.yaml:3", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Verbose_tells_decisions_debug_the_sql_and_progress_ends()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex");
        var answer = (await project.RunAsync("Get-Tenant | Invoke-TenantMigration -Verbose -Debug")).Clean();
        Assert.Contains(answer.Verbose, static line => line.Contains("acme", StringComparison.Ordinal));
        Assert.Contains(answer.Debug, static line => line.Contains("CREATE TABLE", StringComparison.OrdinalIgnoreCase));
        Assert.NotEmpty(answer.Progress);
        foreach (var bar in answer.Progress.GroupBy(static record => record.Id))
        {
            Assert.True(bar.Last().IsCompleted, bar.Last().Activity);
        }

        Assert.Contains(answer.Progress, static record => record.Parent > 0);
    }

    [SkippableFact]
    public async Task Debug_alone_asks_nothing()
    {
        // In a process of its own: only where there is a console does PowerShell ask after a verbose message.
        await using var project = await TestProject.CreateAsync("acme");
        var end = await PwshProcess.RunAsync($"{project.Connect} $null = Invoke-TenantMigration -Debug -WarningAction Continue -WhatIf; Invoke-TenantMigration -Debug | ForEach-Object Status");
        Assert.Equal((0, ""), (end.ExitCode, end.Error));
        Assert.Contains("down-loses-data", end.Output, StringComparison.Ordinal);
        Assert.Contains("Migrated", end.Output, StringComparison.Ordinal);
        Assert.Contains("DEBUG: ", end.Output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Arguments_reach_the_manifests()
    {
        await using var project = await TestProject.CreateAsync("acme");
        await project.WriteAsync("c003", """
            revision: c003
            parent: b002
            arguments: {note: {type: text}}
            up:
              - sql: INSERT INTO orders (note) VALUES (${x.note})
            down: [{sql: DELETE FROM orders}]
            """);
        (await project.RunAsync("Get-Tenant | Invoke-TenantMigration -Argument @{ note = \"it's `$1\" }")).Clean();
        Assert.Equal("it's $1", await project.Database.ScalarAsync<string>("SELECT note FROM acme.orders"));
    }

    [SkippableFact]
    public async Task A_token_script_runs_while_the_engine_connects()
    {
        await using var project = await TestProject.CreateAsync("acme");
        var answer = (await project.RunAsync("""
            $script:asked = 0
            Get-Tenant -AccessToken { $script:asked++; ConvertTo-SecureString any -AsPlainText } | Invoke-TenantMigration -AccessToken { ConvertTo-SecureString any -AsPlainText }
            """)).Clean();
        Assert.Equal(["Migrated"], answer.Values("Status"));
    }

    [SkippableFact]
    public async Task Set_TenantRevision_ends_what_a_restore_left_unknown_and_WhatIf_writes_nothing()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex");
        (await project.RunAsync("Get-Tenant | Invoke-TenantMigration -To a001")).Clean();
        await project.Database.ExecuteAsync("DROP SCHEMA acme CASCADE; CREATE SCHEMA acme; CREATE TABLE acme.orders (id bigint PRIMARY KEY)");
        var before = await project.Database.DumpAsync();

        var planned = (await project.RunAsync("Get-TenantRevision | Where-Object Status -eq Recreated | Set-TenantRevision -To a001 -WhatIf")).Clean();
        Assert.Equal(["acme"], planned.Values("Name"));
        Assert.Equal(before, await project.Database.DumpAsync());

        Assert.Equal(["Migrated"], (await project.RunAsync("Set-TenantRevision acme -To a001")).Clean().Values("Status"));
        Assert.Equal(["Migrated", "Migrated"], (await project.RunAsync("Get-Tenant | Invoke-TenantMigration")).Clean().Values("Status"));
        Assert.Equal("invoice orders", await project.TablesAsync("acme"));
    }
}
