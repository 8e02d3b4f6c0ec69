using System.Globalization;
using Tenancy.Core.Tests;

namespace TenancyMigrate.Tests.Hosting;

/// <summary>A project in a folder of its own, and a database of its own.</summary>
internal sealed class TestProject : IAsyncDisposable
{
    private const string FirstManifest = """
        revision: a001
        description: Orders
        labels: [first]
        up:
          - create_table:
              name: orders
              columns:
                - {name: id, type: bigint, identity: by default, primary_key: true}
                - {name: note, type: text}
        down: auto
        """;

    private const string SecondManifest = """
        revision: b002
        parent: a001
        description: Invoices
        up:
          - create_table:
              name: invoice
              columns:
                - {name: id, type: bigint, primary_key: true}
                - {name: order_id, type: bigint, nullable: false, references: {table: orders, column: id}}
        down: auto
        """;

    private TestProject(TestDatabase database, string folder)
    {
        Database = database;
        Folder = folder;
    }

    public TestDatabase Database { get; }

    /// <summary>The folder of tenancy.yaml; manifests are in <c>manifests/</c>.</summary>
    public string Folder { get; }

    /// <summary>The database, as <c>-Server</c> takes it.</summary>
    public string Address => string.Create(CultureInfo.InvariantCulture, $"postgresql://postgres@{Database.Server.Host}:{Database.Server.Port}/{Database.Name}");

    /// <summary>The script that connects the session; put it before what a test does. Results come in the order of the tenants, one at a time, unless a test says -ThrottleLimit.</summary>
    public string Connect =>
        $"$null = Connect-TenantDatabase -Server '{Address}' -Project {PwshProcess.Quote(Folder)}; $PSDefaultParameterValues = @{{ 'Invoke-TenantMigration:ThrottleLimit' = 1; 'Undo-TenantMigration:ThrottleLimit' = 1 }};\n";

    /// <summary>A project of two revisions, and tenants of the names given, at base, in the registry.</summary>
    public static async Task<TestProject> CreateAsync(params string[] tenants)
    {
        var project = new TestProject(await PostgresFixture.CreateDatabaseAsync(), Directory.CreateTempSubdirectory("tenancy-project-").FullName);
        await File.WriteAllTextAsync(Path.Combine(project.Folder, "tenancy.yaml"), "fleet: test\n");
        Directory.CreateDirectory(Path.Combine(project.Folder, "manifests"));

        await project.WriteAsync("a001", FirstManifest);
        await project.WriteAsync("b002", SecondManifest);
        if (tenants.Length > 0)
        {
            (await project.RunAsync($"{string.Join(", ", tenants.Select(PwshProcess.Quote))} | New-Tenant -To base")).Clean();
        }

        return project;
    }

    /// <summary>Writes a manifest.</summary>
    public Task WriteAsync(string name, string text) => File.WriteAllTextAsync(ManifestPath(name), text);

    /// <summary>A manifest that follows b002 and does one thing.</summary>
    public Task WriteThirdAsync(string sql) => WriteAsync("c003", $"revision: c003\nparent: b002\ndescription: Third\nup:\n  - sql: |\n      {sql}\ndown: [{{sql: SELECT 1}}]\n");

    /// <summary>Runs a script in a session that is connected, in the project's folder.</summary>
    public Task<PwshAnswer> RunAsync(string script) => Pwsh.RunAsync(Connect + script, Folder);

    /// <summary>What hangs around after a run that was stopped: backends of ours with a transaction, and locks of ours.</summary>
    public async Task<long> CountLeftoversAsync() => await Database.ScalarAsync<long>(
        """
        SELECT (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name ILIKE 'tenancy%' AND state <> 'idle')
             + (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
        """);

    /// <summary>Ends the sessions of runs in the database, and waits until they are gone.</summary>
    public Task EndSessionsAsync() => UntilAsync("SELECT coalesce(bool_and(pg_terminate_backend(pid)), true) AND count(*) = 0 FROM pg_stat_activity WHERE datname = current_database() AND application_name ILIKE 'tenancy%'");

    /// <summary>Waits, a minute and a half at the most, until a query gives true.</summary>
    public async Task UntilAsync(string condition)
    {
        var deadline = DateTime.UtcNow.AddSeconds(90);
        while (!await Database.ScalarAsync<bool>(condition))
        {
            if (DateTime.UtcNow > deadline)
            {
                throw new TimeoutException($"Never true: {condition}");
            }

            await Task.Delay(50);
        }
    }

    /// <summary>Tables of a schema, joined by spaces.</summary>
    public async Task<string> TablesAsync(string schema) =>
        await Database.ScalarAsync<string>($"SELECT coalesce(string_agg(tablename, ' ' ORDER BY tablename), '') FROM pg_tables WHERE schemaname = '{schema}'") ?? "";

    public async ValueTask DisposeAsync()
    {
        Directory.Delete(Folder, recursive: true);
        await Database.DisposeAsync();
    }

    private string ManifestPath(string name) => Path.Combine(Folder, "manifests", name + ".yaml");
}
