using System.Globalization;
using TenancyMigrate.Tests.Hosting;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace TenancyMigrate.Tests.Runbooks;

/// <summary>The jobs for GitHub Actions and Kubernetes: what they say is run is run, in their order.</summary>
public sealed class PipelineTests
{
    [SkippableFact]
    public async Task The_steps_of_the_workflow_run_and_fail_where_a_tenant_fails()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex");
        var job = Read("github-actions.yaml")["jobs"]["migrate"];
        Assert.Equal("pwsh", Text(job["defaults"]["run"]["shell"]));
        var folder = Directory.CreateTempSubdirectory("tenancy-workspace-").FullName;
        try
        {
            Copy(project.Folder, Path.Combine(folder, "migrations"));
            Copy(Runbook.Folder, Path.Combine(folder, "runbooks"));
            var environment = InstalledModule.Environment();
            var values = Values(project);
            foreach (var (name, value) in ((YamlMappingNode)job["env"]).Children)
            {
                // Secrets come from nowhere else.
                Assert.Equal((Text(name) == "PGPASSWORD" ? "${{ secrets." : "${{ vars.") + Text(name) + " }}", Text(value));
                environment[Text(name)] = values[Text(name)];
            }

            await project.Database.ExecuteAsync("CREATE TABLE globex.invoice (x int)");
            var failed = await RunAsync(job, environment, folder);
            // The runner dot-sources the step, and pwsh makes 1 of whatever that ended with.
            Assert.True(failed.Count == 2 && failed[^1].ExitCode == 1, $"{failed[^1].ExitCode}\n{failed[^1].Output}\n{failed[^1].Error}");
            Assert.Contains("FAILED: 1 of 2 failed", failed[^1].Output, StringComparison.Ordinal);

            await project.Database.ExecuteAsync("DROP TABLE globex.invoice");
            var mended = await RunAsync(job, environment, folder);
            Assert.Equal([0, 0, 0], mended.Select(static end => end.ExitCode));
            Assert.Equal(2, Directory.GetFiles(Path.Combine(folder, Text(Steps(job).Last()["with"]["path"]))).Length);
            Assert.DoesNotContain("not-in-any-log", string.Concat(failed.Concat(mended).Select(static end => end.Output + end.Error)), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [SkippableFact]
    public async Task The_container_of_the_Kubernetes_job_runs_and_its_exit_codes_are_those_of_the_script()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex");
        var job = Read("kubernetes-job.yaml");
        Assert.Equal(("batch/v1", "Job"), (Text(job["apiVersion"]), Text(job["kind"])));
        var pod = job["spec"]["template"]["spec"];
        var container = Assert.Single((YamlSequenceNode)pod["containers"]);
        var volumes = ((YamlSequenceNode)pod["volumes"]).Select(static volume => Text(volume["name"]));
        Assert.Equal(volumes.Order(StringComparer.Ordinal), ((YamlSequenceNode)container["volumeMounts"]).Select(static mount => Text(mount["name"])).Order(StringComparer.Ordinal));
        var reports = Directory.CreateTempSubdirectory("tenancy-reports-").FullName;
        try
        {
            var environment = InstalledModule.Environment();
            foreach (var (name, value) in Values(project))
            {
                environment[name] = value;
            }

            var places = new Dictionary<string, string> { ["/runbooks"] = Runbook.Folder, ["/migrations"] = project.Folder, ["/reports"] = reports };
            string[] words = [.. ((YamlSequenceNode)container["command"]).Concat((YamlSequenceNode)container["args"]).Select(Text).Select(word => places.Aggregate(word, static (text, place) => text == place.Key || text.StartsWith(place.Key + "/", StringComparison.Ordinal) ? place.Value + text[place.Key.Length..] : text))];
            Assert.Equal("pwsh", words[0]);

            await project.Database.ExecuteAsync("CREATE TABLE globex.invoice (x int)");
            var failed = await RunAsync(environment, project.Folder, words[1..]);
            var rule = Assert.Single((YamlSequenceNode)job["spec"]["podFailurePolicy"]["rules"]);
            Assert.Equal(Text(container["name"]), Text(rule["onExitCodes"]["containerName"]));
            Assert.Equal([failed.ExitCode.ToString(CultureInfo.InvariantCulture)], ((YamlSequenceNode)rule["onExitCodes"]["values"]).Select(Text));

            await project.Database.ExecuteAsync("DROP TABLE globex.invoice");
            Runbook.Check(await RunAsync(environment, project.Folder, words[1..]), 0, "OK: ");
            Assert.Equal(2, Directory.GetFiles(reports).Length);
        }
        finally
        {
            Directory.Delete(reports, recursive: true);
        }
    }

    private static async Task<List<PwshEnd>> RunAsync(YamlNode job, Dictionary<string, string?> environment, string folder)
    {
        List<PwshEnd> ends = [];
        foreach (var run in Steps(job).Select(static step => step.Children.TryGetValue("run", out var run) ? Text(run) : null).OfType<string>())
        {
            // As the runner writes it down.
            var file = Path.Combine(folder, "step.ps1");
            await File.WriteAllTextAsync(file, $"$ErrorActionPreference = 'stop'\n{run}\nif ((Test-Path -LiteralPath variable:\\LASTEXITCODE)) {{ exit $LASTEXITCODE }}\n");
            ends.Add(await RunAsync(environment, folder, ["-Command", $". '{file}'"]));
            if (ends[^1].ExitCode != 0)
            {
                break;
            }
        }

        return ends;
    }

    private static async Task<PwshEnd> RunAsync(Dictionary<string, string?> environment, string folder, string[] arguments)
    {
        using var process = PwshProcess.StartIn(environment, folder, arguments);
        return await process.WaitAsync(TimeSpan.FromMinutes(3));
    }

    private static Dictionary<string, string> Values(TestProject project) => new()
    {
        ["PGHOST"] = project.Database.Server.Host,
        ["PGPORT"] = project.Database.Server.Port.ToString(CultureInfo.InvariantCulture),
        ["PGDATABASE"] = project.Database.Name,
        ["PGUSER"] = "postgres",
        ["PGPASSWORD"] = "not-in-any-log",
    };

    private static IEnumerable<YamlMappingNode> Steps(YamlNode job) => ((YamlSequenceNode)job["steps"]).Cast<YamlMappingNode>();

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value!;

    private static YamlNode Read(string name)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(File.ReadAllText(Path.Combine(Runbook.Folder, name))));
        return Assert.Single(stream.Documents).RootNode;
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}
