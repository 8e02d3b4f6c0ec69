using System.Globalization;
using Tenancy.Core.Tests;
using TenancyMigrate.Tests.Hosting;

namespace TenancyMigrate.Tests.Security;

/// <summary>A project whose database gives nothing to everybody, and a role that has what a test grants, and nothing else.</summary>
internal sealed class PrivilegedProject : IAsyncDisposable
{
    private const string First = """
        revision: a001
        up:
          - create_table: {name: orders, columns: [{name: id, type: bigint, identity: by default, primary_key: true}, {name: note, type: text}, {name: user_id, type: integer}]}
        """;

    private const string Second = """
        revision: b002
        parent: a001
        touches: [shared.users]
        up:
          - create_index: {name: orders_note_idx, table: orders, columns: [note], concurrently: true}
          - add_constraint: {table: orders, name: orders_user_fkey, foreign_key: [user_id], references: {table: shared.users, columns: [id]}}
          - sql: INSERT INTO tenant_schema.orders (note) VALUES ('first')
            undo: DELETE FROM tenant_schema.orders
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("tenancy-project-").FullName;
    private readonly TestDatabase database;

    private PrivilegedProject(TestDatabase database, string role) => (this.database, Role) = (database, role);

    internal TestDatabase Database => database;

    /// <summary>The role that the session logs in as.</summary>
    internal string Role { get; }

    internal static async Task<PrivilegedProject> CreateAsync(string settings = "")
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        var role = $"plain_{Guid.NewGuid():N}";
        await PostgresFixture.ExecuteAsync($"CREATE ROLE {role} LOGIN; REVOKE ALL ON DATABASE {database.Name} FROM PUBLIC; GRANT CONNECT ON DATABASE {database.Name} TO {role}");
        await database.ExecuteAsync($"""
            REVOKE ALL ON SCHEMA public FROM PUBLIC;
            CREATE SCHEMA shared; CREATE TABLE shared.users (id integer PRIMARY KEY);
            GRANT USAGE ON SCHEMA shared TO {role}; GRANT REFERENCES ON shared.users TO {role}
            """);
        var project = new PrivilegedProject(database, role);
        Directory.CreateDirectory(Path.Combine(project.folder, "manifests"));
        await File.WriteAllTextAsync(Path.Combine(project.folder, "tenancy.yaml"), $"fleet: test\n{settings}\n");
        await File.WriteAllTextAsync(Path.Combine(project.folder, "manifests", "1.yaml"), First);
        await File.WriteAllTextAsync(Path.Combine(project.folder, "manifests", "2.yaml"), Second);
        return project;
    }

    /// <summary>Does something as superuser; <c>{role}</c> and <c>{database}</c> are filled in.</summary>
    internal Task GrantAsync(string sql) => database.ExecuteAsync(sql.Replace("{role}", Role, StringComparison.Ordinal).Replace("{database}", database.Name, StringComparison.Ordinal));

    /// <summary>Runs a script in a session of the role, or of a superuser.</summary>
    internal Task<PwshAnswer> RunAsync(string script, bool isSuperuser = false) => Pwsh.RunAsync(
        string.Create(CultureInfo.InvariantCulture, $"$null = Connect-TenantDatabase -Server 'postgresql://{(isSuperuser ? "postgres" : Role)}@{database.Server.Host}:{database.Server.Port}/{database.Name}' -Project {PwshProcess.Quote(folder)};\n") + script, folder);

    public async ValueTask DisposeAsync()
    {
        Directory.Delete(folder, recursive: true);
        await database.DisposeAsync();
    }
}
