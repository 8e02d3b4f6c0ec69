using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Modules;

/// <summary>What cmdlets write has a table and a list that fit 120 columns.</summary>
public sealed class ViewTests
{
    // Reflection sets what only initializers may: texts as long as a long name, times that are known.
    private const string Views = """
        [xml] $file = Get-Content (Join-Path (Get-Module TenancyMigrate).ModuleBase TenancyMigrate.Format.ps1xml)
        $types = (Get-Command -Module TenancyMigrate).OutputType.Type | Where-Object Namespace -eq Tenancy.Model | Sort-Object FullName -Unique
        foreach ($type in $types) {
            $views = @($file.Configuration.ViewDefinitions.View | Where-Object { $_.ViewSelectedBy.TypeName -eq $type.FullName })
            $table = $views.TableControl.Where({ $_ })
            $object = $type::new()
            foreach ($property in $type.GetProperties()) {
                $value = switch ($property.PropertyType) { ([string]) { 'w' * 45 } ([string[]]) { , [string[]] @('w' * 45) } ([Nullable[double]]) { 1234.5 } }
                if ($null -ne $value -and $property.CanWrite) { $property.SetValue($object, $value) }
            }
            $Error.Clear()
            [pscustomobject]@{
                Type = $type.FullName
                Tables = $table.Count
                Lists = $views.ListControl.Where({ $_ }).Count
                IsOutOfBand = $null -ne $views.Where({ $_.SelectSingleNode('OutOfBand') })[0]
                Labels = [string[]] @($table.TableHeaders.TableColumnHeader.Label)
                Table = $object | Format-Table | Out-String -Width 120
                List = $object | Format-List | Out-String -Width 120
                Errors = "$Error"
            }
        }
        """;

    [SkippableFact]
    public async Task Every_output_type_has_a_table_and_a_list_that_fit()
    {
        var answer = (await Pwsh.RunAsync(Views)).Clean();
        Assert.Contains("Tenancy.Model.ProvedRevision", answer.Values("Type"));
        Assert.All(answer.Objects, static item =>
        {
            // What is shown between others is a list always.
            var hasTable = !item.GetProperty("IsOutOfBand").GetBoolean();
            Assert.Equal((hasTable ? 1 : 0, 1), (item.GetProperty("Tables").GetInt32(), item.GetProperty("Lists").GetInt32()));
            Assert.Equal("", item.GetProperty("Errors").GetString());
            var table = Lines(item.GetProperty("Table").GetString()!);
            Assert.All(table.Concat(Lines(item.GetProperty("List").GetString()!)), static line => Assert.InRange(line.Length, 0, 120));
            if (!hasTable)
            {
                return;
            }

            // A column that finds no room is left out without a word. What a table is grouped by stands before its header.
            var labels = item.GetProperty("Labels").EnumerateArray().Select(static label => label.GetString()!).ToList();
            var header = Assert.Single(table, line => line.TrimStart().StartsWith(labels[0] + " ", StringComparison.Ordinal));
            Assert.All(labels, label => Assert.Contains(label, header, StringComparison.Ordinal));
        });
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line.TrimEnd()).Where(static line => line.Length > 0).ToArray();
}
