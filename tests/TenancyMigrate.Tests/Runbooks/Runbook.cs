using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Runbooks;

/// <summary>A script of docs/runbooks, run as a scheduler runs it: by <c>pwsh -File</c>, with the module installed, against a project of the test.</summary>
internal sealed class Runbook : IDisposable
{
    private readonly TestProject project;

    public Runbook(TestProject project) => this.project = project;

    /// <summary>The folder of the runbooks.</summary>
    public static string Folder { get; } = Path.Combine(Repository.Root, "docs", "runbooks");

    /// <summary>Where reports go.</summary>
    public string Reports { get; } = Directory.CreateTempSubdirectory("tenancy-reports-").FullName;

    /// <summary>Starts a script with <c>-Project</c>, <c>-Server</c> and <c>-ReportFolder</c>.</summary>
    /// <param name="name">The file.</param>
    /// <param name="arguments">More of its arguments.</param>
    public PwshProcess Start(string name, params string[] arguments) => PwshProcess.StartIn(
        Environment(), project.Folder, ["-File", Path.Combine(Folder, name), "-Project", project.Folder, "-Server", project.Address, "-ReportFolder", Reports, .. arguments]);

    /// <summary>Runs it, and expects an exit code and the first word of its last line.</summary>
    public async Task<PwshEnd> RunAsync(string name, int exitCode, string last, params string[] arguments)
    {
        using var process = Start(name, arguments);
        return Check(await process.WaitAsync(TimeSpan.FromMinutes(3)), exitCode, last);
    }

    /// <summary>Expects an exit code and the first words of the last line.</summary>
    public static PwshEnd Check(PwshEnd end, int exitCode, string last)
    {
        Assert.True(end.ExitCode == exitCode && end.Lines.Count > 0 && end.Lines[^1].StartsWith(last, StringComparison.Ordinal), $"{end.ExitCode}\n{end.Output}\n{end.Error}");
        Assert.Equal("", end.Error);
        return end;
    }

    /// <summary>The reports so far.</summary>
    public string[] ReportFiles => Directory.GetFiles(Reports, "*.html");

    public void Dispose() => Directory.Delete(Reports, recursive: true);

    // With the server's own programs, psql and the like.
    private Dictionary<string, string?> Environment()
    {
        var environment = InstalledModule.Environment();
        environment["PATH"] = project.Database.Server.BinDirectory + Path.PathSeparator + System.Environment.GetEnvironmentVariable("PATH");
        return environment;
    }
}
