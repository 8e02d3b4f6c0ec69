using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Modules;

public sealed class ManifestTests
{
    [SkippableFact]
    public async Task The_manifest_is_clean_and_exports_what_the_assembly_has()
    {
        var answer = await Pwsh.RunAsync($$"""
            $info = Test-ModuleManifest {{PwshProcess.Quote(Repository.Manifest)}}
            [pscustomobject]@{ Exported = @($info.ExportedCommands.Keys | Sort-Object); Editions = $info.CompatiblePSEditions; Version = "$($info.Version)" }
            $types = (Get-Module TenancyMigrate).ImplementingAssembly ?? [AppDomain]::CurrentDomain.GetAssemblies().Where({ $_.GetName().Name -eq 'TenancyMigrate' })[0]
            $cmdlets = $types.GetExportedTypes().ForEach({ $_.GetCustomAttributes([System.Management.Automation.CmdletAttribute], $false) })
            [pscustomobject]@{ Exported = @($cmdlets | ForEach-Object { "$($_.VerbName)-$($_.NounName)" } | Sort-Object); Editions = 'Core'; Version = "$($types.GetName().Version)" }
            """);
        Assert.Empty(answer.Clean().Warnings);
        var (manifest, assembly) = (answer.Objects[0], answer.Objects[1]);
        Assert.Equal(assembly.GetProperty("Exported").ToString(), manifest.GetProperty("Exported").ToString());
        Assert.StartsWith(manifest.GetProperty("Version").GetString()!, assembly.GetProperty("Version").GetString(), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Verbs_are_approved_and_nouns_have_one_prefix()
    {
        var answer = await Pwsh.RunAsync("Get-Command -Module TenancyMigrate | Select-Object Name, Noun, @{n = 'IsApproved'; e = { (Get-Verb $_.Verb) -ne $null }}");
        Assert.NotEmpty(answer.Clean().Objects);
        Assert.All(answer.Values("IsApproved"), static value => Assert.Equal("True", value));
        Assert.All(answer.Values("Noun"), static noun => Assert.StartsWith("Tenant", noun, StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task Only_removal_asks_by_itself()
    {
        var answer = await Pwsh.RunAsync("""
            (Get-Command -Module TenancyMigrate).ForEach({ $_.ImplementingType.GetCustomAttributes([System.Management.Automation.CmdletAttribute], $false) }) |
                Where-Object SupportsShouldProcess | ForEach-Object { [pscustomobject]@{ Name = "$($_.VerbName)-$($_.NounName)"; Impact = "$($_.ConfirmImpact)" } }
            """);
        Assert.Equal(["Remove-Tenant"], answer.Clean().Objects.Where(static item => item.GetProperty("Impact").GetString() == "High").Select(static item => item.GetProperty("Name").GetString()));
        Assert.Contains("Invoke-TenantMigration", answer.Values("Name"));
    }

    [SkippableFact]
    public async Task Every_type_that_travels_has_a_table_and_a_list()
    {
        var answer = await Pwsh.RunAsync($$"""
            [xml] $views = Get-Content (Join-Path (Split-Path {{PwshProcess.Quote(Repository.Manifest)}}) TenancyMigrate.Format.ps1xml)
            foreach ($view in $views.Configuration.ViewDefinitions.View) {
                [pscustomobject]@{
                    Type = "$($view.ViewSelectedBy.TypeName -as [type])"
                    Name = $view.Name
                    Columns = @($view.TableControl.TableHeaders.TableColumnHeader).Count
                    Cells = @($view.TableControl.TableRowEntries.TableRowEntry.TableColumnItems.TableColumnItem).Count
                }
            }
            """);
        Assert.DoesNotContain("", answer.Clean().Values("Type"));
        Assert.All(answer.Objects, static view => Assert.InRange(view.GetProperty("Columns").GetInt32(), 0, 5));
        Assert.All(answer.Objects, static view => Assert.Equal(view.GetProperty("Columns").GetInt32(), view.GetProperty("Cells").GetInt32()));
        Assert.Contains("Tenancy.Model.MigrationResult", answer.Values("Type"));
    }
}
