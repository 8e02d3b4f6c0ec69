using System.Text.RegularExpressions;
using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Modules;

/// <summary>Every <c>powershell</c> block of the README and the pages in docs is run: those of a page one after another in one session, in a project made for it. None gives an error.</summary>
public sealed partial class DocumentExampleTests
{
    // What a page takes for granted, besides tenants acme and legacy1 at head and globex behind it.
    private static readonly Dictionary<string, Setting> Settings = new()
    {
        ["README.md"] = new() { Kind = "New-Tenant", Make = WriteReadmeProject, Before = { [2] = "Get-ChildItem *_orders.yaml, *-orders.yaml | ForEach-Object { (Get-Content -Raw $_) -replace '(?m)^up:.*$', \"up: [{sql: SELECT 1, undo: SELECT 1}]\" | Set-Content $_ }" } },
        ["docs/autogenerate.md"] = new() { Kind = "New-TenantMigration", Make = static world => SetSpecimen(world, "acme"), Before = { [1] = "Invoke-TenantMigration" } },
        ["docs/drift.md"] = new() { Sql = "ALTER TABLE acme.t2b7e91c0 ADD COLUMN extra integer", Before = { [0] = "Invoke-TenantMigration" } },
        ["docs/fleets.md"] = new() { Before = { [0] = "Get-Tenant | Select-Object Name, Schema, Database, Server | Export-Csv fleet.csv" } },
        ["docs/report.md"] = new() { Before = { [0] = "$results = Get-Tenant | Invoke-TenantMigration" } },
        ["docs/rollout.md"] = new()
        {
            Make = static world => File.WriteAllText(Path.Combine(world.Folder, "rollout.yaml"), YamlBlocks("docs/rollout.md")[0]),
            Sql = "CREATE SCHEMA monitoring; CREATE TABLE monitoring.alert (raised_at timestamptz)",
        },
        ["docs/safety.md"] = new() { Make = static world => SetSpecimen(world, "globex") },
        ["docs/runbooks/nightly.md"] = new() { Before = { [0] = "Invoke-TenantMigration" } },
        ["docs/runbooks/add-tenants.md"] = new() { Make = static world => File.Copy(Path.Combine(world.Folder, "customers.csv"), Path.Combine(world.Folder, "new-customers.csv")) },
        ["docs/runbooks/from-alembic.md"] = new()
        {
            Kind = "New-Tenant",
            Make = static world =>
            {
                Empty(world);
                Directory.CreateDirectory(Path.Combine(world.Folder, "manifests"));
            },
            Sql = "CREATE TABLE tenant_a.customer (id bigint PRIMARY KEY, name text); CREATE TABLE tenant_a.alembic_version (version_num varchar(32) PRIMARY KEY)",
        },
    };

    // Pages whose examples are run by tests of their own, because they need a build, or a package manager that not every PowerShell has.
    private static readonly Dictionary<string, string> Elsewhere = new() { ["docs/packaging.md"] = nameof(Packaging.InstallTests) };

    /// <summary>The pages that have a block.</summary>
    public static TheoryData<string> Pages() => [.. PagesWithBlocks];

    private static IEnumerable<string> PagesWithBlocks => Files().Where(static page => Blocks(page).Count > 0 && !Elsewhere.ContainsKey(page));

    [SkippableTheory]
    [MemberData(nameof(Pages))]
    public async Task The_examples_of_a_page_run(string page)
    {
        var setting = Settings.GetValueOrDefault(page) ?? new();
        await using var world = await ExampleWorld.CreateAsync(setting.Kind);
        setting.Make?.Invoke(world);
        if (setting.Sql is { } sql)
        {
            await world.Database.ExecuteAsync(sql);
        }

        var answer = await world.RunAsync(string.Join('\n', Blocks(page).Select((block, number) => setting.Before.GetValueOrDefault(number) + "\n" + block)));

        Assert.True(answer.Ended is null && answer.Errors.Count == 0, $"{page}: {string.Join('\n', answer.Errors.Append(answer.Ended))}");
    }

    [Fact]
    public void No_example_hides_in_another_form() => Assert.All(Files(), static page => Assert.DoesNotMatch(Indented(), File.ReadAllText(Path.Combine(Repository.Root, page)).ReplaceLineEndings("\n")));

    [Fact]
    public void What_is_made_for_a_page_is_for_one_that_is_there() => Assert.Empty(Settings.Keys.Except(PagesWithBlocks));

    private static IEnumerable<string> Files() => Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories).Append(Path.Combine(Repository.Root, "README.md"))
        .Select(static file => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/')).Order(StringComparer.Ordinal);

    private static List<string> Blocks(string page) =>
        [.. Block().Matches(File.ReadAllText(Path.Combine(Repository.Root, page)).ReplaceLineEndings("\n")).Select(static match => match.Groups[1].Value)];

    private static List<string> YamlBlocks(string page) => [.. Yaml().Matches(File.ReadAllText(Path.Combine(Repository.Root, page)).ReplaceLineEndings("\n")).Select(static match => match.Groups[1].Value)];

    private static void SetSpecimen(ExampleWorld world, string tenant) => File.AppendAllText(Path.Combine(world.Folder, "tenancy.yaml"), $"specimen: {tenant}\n");

    // Leaves the project file alone.
    private static void Empty(ExampleWorld world)
    {
        Directory.Delete(Path.Combine(world.Folder, "manifests"), recursive: true);
        Directory.Delete(Path.Combine(world.Folder, "migrations"), recursive: true);
        File.Delete(Path.Combine(world.Folder, "rollout.yaml"));
    }

    // The project of the README is in its own yaml blocks: the first is the project file.
    private static void WriteReadmeProject(ExampleWorld world)
    {
        Empty(world);
        var blocks = YamlBlocks("README.md");
        Assert.Equal(2, blocks.Count);
        File.WriteAllText(Path.Combine(world.Folder, "tenancy.yaml"), blocks[0]);
        File.WriteAllText(Path.Combine(world.Folder, "customers.yaml"), blocks[1]);
    }

    [GeneratedRegex("^ *```powershell\n(.*?)^ *```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("^```yaml\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Yaml();

    // Markdown's other form of code: four spaces, behind an empty line.
    [GeneratedRegex(@"\n\n    [^\n]*\b[A-Z][a-z]+-Tenant")]
    private static partial Regex Indented();

    /// <summary>What a page takes for granted.</summary>
    private sealed class Setting
    {
        /// <summary>Whose world it is: <see cref="ExampleWorld.CreateAsync"/>.</summary>
        public string Kind { get; init; } = "";

        /// <summary>Files besides.</summary>
        public Action<ExampleWorld>? Make { get; init; }

        /// <summary>What somebody did in the database.</summary>
        public string? Sql { get; init; }

        /// <summary>What somebody does before a block, by its number from 0.</summary>
        public Dictionary<int, string> Before { get; init; } = [];
    }
}
