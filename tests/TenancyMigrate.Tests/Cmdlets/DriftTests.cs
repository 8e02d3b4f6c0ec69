using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Cmdlets;

/// <summary>Drift, as a person asks for it.</summary>
public sealed class DriftTests
{
    [SkippableFact]
    public async Task Compare_TenantSchema_gives_tenants_that_pipe_on_and_shapes()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex", "initech", "late");
        (await project.RunAsync("$null = Invoke-TenantMigration acme, globex, initech; $null = Invoke-TenantMigration late -To a001")).Clean();
        await project.Database.ExecuteAsync("ALTER TABLE globex.orders ADD COLUMN by_hand text; ALTER TABLE globex.invoice ALTER COLUMN order_id DROP NOT NULL");
        var before = await project.Database.DumpAsync();

        var answer = (await project.RunAsync("""
            Compare-TenantSchema | Sort-Object Name
            Compare-TenantSchema | Where-Object Status -eq Drifted | Get-TenantRevision
            Compare-TenantSchema -Summary
            """)).Clean();

        Assert.Equal(["acme Equal", "globex Drifted", "initech Equal", "late Equal"], answer.Objects.Take(4).Select(static item => $"{item.GetProperty("Name").GetString()} {item.GetProperty("Status").GetString()}"));
        var differences = answer.Objects[1].GetProperty("Differences");
        Assert.Equal(2, differences.GetArrayLength());
        Assert.Equal("Different order_id nullable false ", $"{differences[0].GetProperty("Change")} {differences[0].GetProperty("Name")} {differences[0].GetProperty("Property")} {differences[0].GetProperty("Expected")} {differences[0].GetProperty("Actual")}");
        Assert.Equal("globex AtHead", $"{answer.Objects[4].GetProperty("Name")} {answer.Objects[4].GetProperty("Status")}");
        Assert.Equal(["1 Drifted", "1 Equal", "2 Equal"], answer.Objects.Skip(5).Select(static item => $"{item.GetProperty("Count")} {item.GetProperty("Status")}").Order(StringComparer.Ordinal));
        Assert.Equal(before, await project.Database.DumpAsync());
    }

    [SkippableFact]
    public async Task Tables_and_lists_fit_and_show_what_differs()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex");
        (await project.RunAsync("$null = Invoke-TenantMigration")).Clean();
        await project.Database.ExecuteAsync("ALTER TABLE globex.orders ADD COLUMN by_hand text");
        var answer = (await project.RunAsync("""
            foreach ($objects in (Compare-TenantSchema), (Compare-TenantSchema -Summary)) { $objects | Out-String -Width 80; $objects | Format-List | Out-String -Width 80 }
            """)).Clean();
        var texts = answer.Objects.Select(static item => item.GetString()!).ToList();
        Assert.All(texts.SelectMany(static text => text.Split('\n')), static line => Assert.InRange(line.TrimEnd().Length, 0, 80));
        Assert.Matches(@"Name +Status +Heads +Shape +Differences", texts[0]);
        Assert.Matches(@"acme +Equal +b002 +[0-9a-f]{12}\s", texts[0]);
        Assert.Matches(@"Count +Status +Heads +Names +Differences", texts[2]);
        Assert.All(new[] { texts[1], texts[3] }, static text => Assert.Contains("column orders.by_hand is not expected", text, StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task A_reference_is_named_or_piped_and_must_exist()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex");
        (await project.RunAsync("$null = Invoke-TenantMigration")).Clean();
        await project.Database.ExecuteAsync("DROP TABLE globex.invoice");
        var answer = (await project.RunAsync("Compare-TenantSchema globex -Reference acme; Compare-TenantSchema globex -Reference (Get-Tenant acme)")).Clean();
        Assert.Equal(["Drifted", "Drifted"], answer.Values("Status"));

        var unknown = await project.RunAsync("Compare-TenantSchema globex -Reference nobody");
        Assert.Equal("TenantMigration.TenantNotFound", unknown.Error.Id.Split(',')[0]);
        Assert.Empty(unknown.Objects);
    }

    [SkippableFact]
    public async Task Set_TenantRevision_tells_from_the_shape()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex");
        (await project.RunAsync("$null = Invoke-TenantMigration acme -To a001; $null = Invoke-TenantMigration globex")).Clean();
        await project.Database.ExecuteAsync("DELETE FROM tenancy.head; DROP TABLE globex.orders CASCADE");

        var answer = await project.RunAsync("Get-Tenant | Set-TenantRevision -FromShape -WhatIf; Set-TenantRevision -FromShape; (Get-TenantRevision acme).Heads");
        Assert.Equal(["acme Migrated", "globex Failed", "acme Migrated", "globex Failed"], answer.Objects.Take(4).Select(static item => $"{item.GetProperty("Name")} {item.GetProperty("Status")}"));
        Assert.Equal("a001", answer.Objects[4].GetString());
        Assert.All(answer.Errors, static error => Assert.Equal("TenantMigration.UnknownShape", error.Id.Split(',')[0]));
        var asked = await project.RunAsync("(Set-TenantRevision acme -FromShape -To a001).Status; Set-TenantRevision acme -FromShape -To head");
        Assert.Equal("UpToDate", asked.Objects[0].GetString());
        Assert.Equal("TenantMigration.OtherShape", asked.Error.Id.Split(',')[0]);
    }

    [SkippableFact]
    public async Task The_view_of_shapes_breaks_no_name()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex", "initech", "a_tenant_with_a_name_big");
        (await project.RunAsync("$null = Invoke-TenantMigration")).Clean();
        await project.Database.ExecuteAsync("ALTER TABLE initech.orders ADD COLUMN by_hand text; ALTER TABLE a_tenant_with_a_name_big.orders ADD COLUMN by_hand text; DROP TABLE globex.invoice CASCADE");

        var text = (await project.RunAsync("$PSStyle.OutputRendering = 'PlainText'; Compare-TenantSchema -Summary | Out-String -Width 120")).Objects[0].GetString()!;

        Assert.All(new[] { "acme", "globex", "initech", "a_tenant_with_a_name_big" }, name => Assert.Matches($@"(?m) {name}( |\r?$)", text));
        Assert.All(text.Split('\n'), static line => Assert.InRange(line.TrimEnd().Length, 0, 120));
        Assert.Equal(3, text.Split('\n').Count(static line => line.Contains("Drifted", StringComparison.Ordinal) || line.Contains("Equal", StringComparison.Ordinal)));
    }

    [SkippableFact]
    public async Task The_view_of_shapes_shows_ten_differences_and_how_many_more_there_are()
    {
        await using var project = await TestProject.CreateAsync("acme");
        (await project.RunAsync("$null = Invoke-TenantMigration")).Clean();
        await project.Database.ExecuteAsync("DO $$BEGIN FOR i IN 1..12 LOOP EXECUTE format('CREATE TABLE acme.extra_%s ()', i); END LOOP; END$$");

        var answer = await project.RunAsync("$PSStyle.OutputRendering = 'PlainText'; $shapes = Compare-TenantSchema -Summary; $shapes | Out-String -Width 120; $shapes | Format-List | Out-String -Width 120");

        Assert.Equal(10, answer.Objects[0].GetString()!.Split('\n').Count(static line => line.Contains("table extra_", StringComparison.Ordinal)));
        Assert.Contains("… 2 more", answer.Objects[0].GetString(), StringComparison.Ordinal);
        Assert.Equal(12, answer.Objects[1].GetString()!.Split('\n').Count(static line => line.Contains("table extra_", StringComparison.Ordinal)));
    }

    [SkippableFact]
    public async Task Repair_writes_a_manifest_that_mends_those_that_have_drifted()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex", "initech");
        (await project.RunAsync("$null = Invoke-TenantMigration")).Clean();
        await project.Database.ExecuteAsync("ALTER TABLE globex.orders ADD COLUMN by_hand text; ALTER TABLE initech.invoice ALTER COLUMN order_id DROP NOT NULL");
        var manifests = Path.Combine(project.Folder, "manifests");

        Assert.Empty((await project.RunAsync("Compare-TenantSchema -Repair -WhatIf")).Clean().Objects);
        Assert.Equal(2, Directory.GetFiles(manifests).Length);

        var written = (await project.RunAsync("Compare-TenantSchema -Repair; Get-TenantMigration")).Clean();
        Assert.Equal(6, written.Objects.Count);
        Assert.StartsWith("Repair: ", written.Objects[0].GetProperty("Description").GetString(), StringComparison.Ordinal);

        var mended = (await project.RunAsync("Invoke-TenantMigration | Sort-Object Name; (Compare-TenantSchema).Status")).Clean();
        Assert.Equal(["2", "1", "1"], mended.Objects.Take(3).Select(static item => item.GetProperty("MarkedApplied").GetArrayLength().ToString(System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal(["Equal", "Equal", "Equal"], mended.Objects.Skip(3).Select(static item => item.GetString()));
        Assert.Empty((await project.RunAsync("Compare-TenantSchema -Repair")).Clean().Objects);
    }

    [SkippableFact]
    public async Task Repair_of_what_was_renamed_by_hand_waits_for_a_word()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex", "initech");
        (await project.RunAsync("$null = Invoke-TenantMigration")).Clean();
        await project.Database.ExecuteAsync("ALTER TABLE globex.invoice RENAME COLUMN order_id TO orders_id; ALTER TABLE initech.orders ADD COLUMN by_hand text");
        var manifests = Path.Combine(project.Folder, "manifests");

        // What is clear is written all the same.
        var open = await project.RunAsync("Compare-TenantSchema -Repair -WhatIf");
        Assert.Equal("TenantMigration.RenameUndecided", open.Error.Id.Split(',')[0]);
        Assert.Contains("column invoice.orders_id and order_id", open.Error.Message, StringComparison.Ordinal);
        Assert.Contains("-Rename 'column:invoice.orders_id->order_id'", open.Error.Action, StringComparison.Ordinal);
        Assert.Contains("-Rename 'column:invoice.orders_id->'.", open.Error.Action, StringComparison.Ordinal);
        Assert.Equal(2, Directory.GetFiles(manifests).Length);

        var dropped = await project.RunAsync("Compare-TenantSchema globex -Repair -Rename 'column:invoice.orders_id->' -WhatIf");
        Assert.Empty(dropped.Errors);
        Assert.Contains(dropped.Warnings, static warning => warning.Contains("The values of invoice.orders_id are gone", StringComparison.Ordinal));

        var wrong = await project.RunAsync("Compare-TenantSchema globex -Repair -Rename 'column:invoice.nothing->', 'column:invoice.orders_id->order_id' -WhatIf");
        Assert.Equal("TenantMigration.RenameNotFound", wrong.Error.Id.Split(',')[0]);
        Assert.Equal(2, Directory.GetFiles(manifests).Length);

        await File.WriteAllTextAsync(Path.Combine(project.Folder, "renames.txt"), "column:invoice.orders_id->order_id # by hand, in May\n");
        var written = await project.RunAsync("Compare-TenantSchema -Repair -RenameFile renames.txt");
        Assert.Empty(written.Errors);
        Assert.DoesNotContain(written.Warnings, static warning => warning.Contains("order_id", StringComparison.Ordinal));
        Assert.Equal(2, written.Objects.Count);
        var mended = (await project.RunAsync("$null = Invoke-TenantMigration; (Compare-TenantSchema).Status")).Clean();
        Assert.Equal(["Equal", "Equal", "Equal"], mended.Objects.Select(static item => item.GetString()));
    }
}
