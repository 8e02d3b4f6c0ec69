using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Cmdlets;

public sealed class ImportTests
{
    [SkippableFact]
    public async Task Import_TenantRevision_adopts_what_another_tool_has_migrated()
    {
        await using var project = await CreateAsync();
        await File.WriteAllTextAsync(Path.Combine(project.Folder, "alembic.yaml"), "1975ea83b712: a001\nae1027a6acfe: b002\n");
        var before = await project.Database.DumpAsync();

        var planned = await project.RunAsync("Get-Tenant -SchemaPattern 't_*' | Import-TenantRevision -From Alembic -Mapping alembic.yaml -WhatIf");
        Assert.Equal(["Planned", "Planned", "Failed"], planned.Values("Status"));
        Assert.Equal(before, await project.Database.DumpAsync());

        var answer = await project.RunAsync("Get-Tenant -SchemaPattern 't_*' | Import-TenantRevision -From Alembic -Mapping alembic.yaml | Tee-Object -Variable all; $all | Out-String -Width 80");
        Assert.Equal(["t_acme Imported", "t_globex Imported", "t_other Failed"], answer.Objects.Take(3).Select(static item => $"{item.GetProperty("Name")} {item.GetProperty("Status")}"));
        Assert.Equal("""["b002"]""", answer.Objects[1].GetProperty("To").ToString());
        Assert.Equal("TenantMigration.VersionNotMapped", answer.Error.Id.Split(',')[0]);
        Assert.Equal("t_other", answer.Error.Target);
        Assert.Matches(@"t_globex +Imported +ae1027a6acfe +b002", answer.Objects[3].GetString());
        Assert.All(answer.Objects[3].GetString()!.Split('\n'), static line => Assert.InRange(line.TrimEnd().Length, 0, 80));

        // From here on the registry knows them, and they are migrated as any other.
        await project.Database.ExecuteAsync("CREATE TABLE t_acme.orders (id bigint PRIMARY KEY)");
        Assert.Equal(["Migrated", "UpToDate"], (await project.RunAsync("Get-Tenant | Invoke-TenantMigration")).Clean().Values("Status"));
        Assert.Equal("1975ea83b712", await project.Database.ScalarAsync<string>("SELECT version_num FROM t_acme.alembic_version"));
    }

    [SkippableFact]
    public async Task A_wrong_mapping_ends_the_cmdlet_before_anything_is_read()
    {
        await using var project = await CreateAsync();
        await File.WriteAllTextAsync(Path.Combine(project.Folder, "alembic.yaml"), "1975ea83b712: a001\nae1027a6acfe: zzzz\n1975ea83b712: b002\n");
        var answer = await Pwsh.RunAsync("Import-TenantRevision t_acme -From Alembic -Mapping alembic.yaml -Server 127.0.0.1:1", project.Folder);
        Assert.Equal("TenantMigration.InvalidMapping", answer.Error.Id.Split(',')[0]);
        Assert.Contains("alembic.yaml:2:15", answer.Error.Message, StringComparison.Ordinal);
        Assert.Contains("alembic.yaml:3:1", answer.Error.Message, StringComparison.Ordinal);
        Assert.Empty(answer.Objects);
    }

    private static async Task<TestProject> CreateAsync()
    {
        var project = await TestProject.CreateAsync();
        foreach (var (schema, version) in new[] { ("t_acme", "1975ea83b712"), ("t_globex", "ae1027a6acfe"), ("t_other", "ffff00000000") })
        {
            await project.Database.ExecuteAsync($"""
                CREATE SCHEMA {schema};
                CREATE TABLE {schema}.alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));
                INSERT INTO {schema}.alembic_version (version_num) VALUES ('{version}');
                """);
        }

        return project;
    }
}
