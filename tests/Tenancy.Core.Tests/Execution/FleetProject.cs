using Tenancy.Core.Execution;
using Tenancy.Core.Execution.Steps;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Core.Tenants;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>A project in a temporary folder, for one database.</summary>
internal sealed class FleetProject : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("tenancy-project-").FullName;

    internal FleetProject(TestDatabase database, string project = "fleet: test")
        : this(new ConnectionSettings { Host = database.Server.Host, Port = database.Server.Port, Database = database.Name, Username = "postgres" }, project)
    {
    }

    internal FleetProject(ConnectionSettings settings, string project = "fleet: test")
    {
        Connection = settings;
        Directory.CreateDirectory(Path.Combine(folder, "manifests"));
        File.WriteAllText(Path.Combine(folder, "tenancy.yaml"), project);
    }

    internal string Folder => folder;

    /// <summary>How to connect.</summary>
    internal ConnectionSettings Connection { get; set; }

    internal ListLog Log { get; } = new();

    /// <summary>Writes a manifest; its first line is its file's name without ending.</summary>
    internal FleetProject With(string name, string manifest)
    {
        File.WriteAllText(Path.Combine(folder, "manifests", name + ".yaml"), manifest);
        return this;
    }

    internal FleetProject Without(string name)
    {
        File.Delete(Path.Combine(folder, "manifests", name + ".yaml"));
        return this;
    }

    internal Fleet Open() => Fleet.Open(folder, Connection);

    internal Fleet Open(ConnectionSettings other) => Fleet.Open(folder, other);

    internal static Tenant[] Tenants(params string[] schemas) => [.. schemas.Select(static schema => new Tenant { Name = schema, Schema = schema })];

    internal async Task<List<MigrationResult>> MigrateAsync(IReadOnlyList<Tenant> tenants, MigrationRequest? request = null, CancellationToken cancellation = default)
    {
        await using var fleet = Open();
        return await fleet.MigrateAsync(tenants, request ?? new(), Log, cancellation).ToListAsync(cancellation);
    }

    internal Task<List<MigrationResult>> UndoAsync(IReadOnlyList<Tenant> tenants, string to = "base") =>
        MigrateAsync(tenants, new() { Direction = RevisionDirection.Down, To = to });

    internal async Task<List<MigrationResult>> CreateAsync(params Tenant[] tenants)
    {
        await using var fleet = Open();
        return await fleet.CreateTenantsAsync(tenants, new(), Log).ToListAsync();
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}

/// <summary>Keeps what a run says, and the steps that it tells of.</summary>
internal sealed class ListLog : IRunLog
{
    private readonly List<string> lines = [];
    private readonly List<MigrationStep> steps = [];

    internal IReadOnlyList<MigrationStep> Steps
    {
        get
        {
            lock (lines)
            {
                return [.. steps];
            }
        }
    }

    internal string Text
    {
        get
        {
            lock (lines)
            {
                return string.Join('\n', lines);
            }
        }
    }

    /// <summary>Waits until something was said.</summary>
    internal async Task UntilAsync(string text)
    {
        var deadline = DateTime.UtcNow.AddSeconds(90);
        while (!Text.Contains(text, StringComparison.Ordinal))
        {
            Assert.True(DateTime.UtcNow < deadline, $"'{text}' was never said");
            await Task.Delay(20);
        }
    }

    public void Verbose(string message) => Add(message);

    public void Debug(string sql) => Add(sql);

    public void Warn(string message) => Add(message);

    public void StepChanged(MigrationStep change)
    {
        lock (lines)
        {
            steps.Add(change);
        }

        if (change.Outcome == MigrationStep.Begun)
        {
            Add(change.ToString());
        }
    }

    public void Progress(MigrationProgress progress)
    {
    }

    private void Add(string line)
    {
        lock (lines)
        {
            lines.Add(line);
        }
    }
}
