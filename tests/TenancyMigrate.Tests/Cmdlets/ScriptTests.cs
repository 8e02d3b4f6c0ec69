using Tenancy.Core.Tests.Scripts;
using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Cmdlets;

public sealed class ScriptTests
{
    [SkippableFact]
    public async Task A_file_is_written_without_a_connection_and_psql_runs_it()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex");
        var answer = (await Pwsh.RunAsync(
            """
            $here = @{Server = 'nowhere.invalid'; Database = 'app'}
            & {
            Export-TenantMigrationScript -Tenant acme, globex -From base -Path ./up.sql @here
            'acme', 'globex' | Export-TenantMigrationScript -From head -To a001 -Undo -Path down.sql @here
            Export-TenantMigrationScript -SchemaPattern '[ag]*' -From a001 -Path again.sql -Transaction PerTenant @here
            } | Select-Object Name
            """,
            project.Folder)).Clean();

        Assert.Equal(["up.sql", "down.sql", "again.sql"], answer.Values("Name"));
        var bytes = await File.ReadAllBytesAsync(Path.Combine(project.Folder, "up.sql"));
        Assert.Equal("-- Tenan"u8.ToArray(), bytes[..8]);
        await RunAsync(project, "up.sql");
        Assert.Equal(["AtHead", "AtHead"], (await project.RunAsync("Get-TenantRevision")).Clean().Values("Status"));
        await RunAsync(project, "down.sql");
        Assert.Equal(["Behind", "Behind"], (await project.RunAsync("Get-TenantRevision")).Clean().Values("Status"));
        await RunAsync(project, "again.sql");
        Assert.Equal("invoice orders", await project.TablesAsync("globex"));
        (await Psql.RunFileAsync(project.Database, Path.Combine(project.Folder, "down.sql"))).Clean();
        (await Psql.RunFileAsync(project.Database, Path.Combine(project.Folder, "down.sql"))).Failed("acme was planned at b002 and is at a001");
    }

    [SkippableFact]
    public async Task A_folder_has_a_file_a_tenant_from_where_each_is()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex", "initech");
        (await project.RunAsync("$null = Invoke-TenantMigration acme -To a001; $null = Invoke-TenantMigration initech")).Clean();
        var tried = await PwshProcess.RunAsync(project.Connect + $"Set-Location {PwshProcess.Quote(project.Folder)}; Get-Tenant | Export-TenantMigrationScript -Path scripts -WhatIf");
        Assert.Contains("02-globex.sql", tried.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(project.Folder, "scripts")));
        var answer = (await project.RunAsync("Get-Tenant | Export-TenantMigrationScript -Path scripts | Select-Object Name, FullName")).Clean();

        Assert.Equal(["00-history.sql", "02-acme.sql", "02-globex.sql"], answer.Values("Name"));
        foreach (var file in answer.Values("FullName"))
        {
            (await Psql.RunFileAsync(project.Database, file!)).Clean();
        }

        Assert.Equal(["AtHead", "AtHead", "AtHead"], (await project.RunAsync("Get-TenantRevision")).Clean().Values("Status"));
    }

    [SkippableFact]
    public async Task Without_a_path_the_text_is_output()
    {
        await using var project = await TestProject.CreateAsync("acme");
        var answer = (await project.RunAsync("Export-TenantMigrationScript acme -From base | Set-Content -Encoding utf8NoBOM out.sql; Export-TenantMigrationScript acme")).Clean();

        Assert.Contains("tenant 'acme': up a001 Orders", Assert.Single(answer.Objects).GetString(), StringComparison.Ordinal);
        await RunAsync(project, "out.sql");
        Assert.Equal("invoice orders", await project.TablesAsync("acme"));
    }

    [SkippableTheory]
    [InlineData("Export-TenantMigrationScript acme -From base -Path there.sql", "TenantMigration.FileExists")]
    [InlineData("Export-TenantMigrationScript acme -From base -SchemaPattern 'a*'", "TenantMigration.PatternAndTenants")]
    [InlineData("Export-TenantMigrationScript -SchemaPattern 'a*'", "TenantMigration.FromUnknown")]
    [InlineData("Export-TenantMigrationScript acme -From nothing", "TenantMigration.UnknownRevision")]
    [InlineData("Export-TenantMigrationScript acme -From base -To b002 -Undo", "TenantMigration.RangeNotAncestor")]
    [InlineData("Export-TenantMigrationScript acme -From base -Argument @{unknown = 1}", "TenantMigration.UnknownArgument")]
    public async Task What_cannot_be_written_is_an_error_and_writes_nothing(string script, string id)
    {
        await using var project = await TestProject.CreateAsync("acme");
        var file = Path.Combine(project.Folder, "there.sql");
        await File.WriteAllTextAsync(file, "mine");

        var answer = await project.RunAsync(script);

        Assert.StartsWith(id, answer.Error.Id, StringComparison.Ordinal);
        Assert.NotEmpty(answer.Error.Action!);
        Assert.Equal("mine", await File.ReadAllTextAsync(file));
        (await project.RunAsync("$null = Export-TenantMigrationScript acme -From base -Path there.sql -Force")).Clean();
        Assert.NotEqual("mine", await File.ReadAllTextAsync(file));
    }

    private static async Task RunAsync(TestProject project, string file) => (await Psql.RunFileAsync(project.Database, Path.Combine(project.Folder, file))).Clean();
}
