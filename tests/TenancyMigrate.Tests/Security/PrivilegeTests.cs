using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Security;

/// <summary>The privileges that docs/security.md names suffice, and each that is missing is told of by name.</summary>
public sealed class PrivilegeTests
{
    private const string Journey = """
        'acme', 'globex' | New-Tenant -To a001
        Invoke-TenantMigration
        Undo-TenantMigration -To a001
        Invoke-TenantMigration -Durability Each
        Get-Tenant; Get-TenantRevision; Get-TenantHistory; Get-TenantRun; Get-TenantMigration
        Compare-TenantSchema; Test-TenantMigration; Test-TenantMigration -Prove; Measure-TenantMigration -WarningAction Ignore; Repair-TenantMigration
        Copy-Tenant acme initech; Copy-Tenant acme hooli -Data; Rename-Tenant hooli umbrella
        Set-TenantRevision acme -To a001; Set-TenantRevision acme -FromShape
        New-Item -ItemType Directory -Force out | Out-Null
        Export-TenantMigrationScript -Path out; Export-TenantReport -Path out/report.html -Drift
        Remove-Tenant acme, globex, initech, umbrella -Confirm:$false
        """;

    /// <summary>CREATE on the database is all: what the role makes there is its own.</summary>
    [SkippableFact]
    public async Task Create_on_the_database_suffices_for_everything_on_tenants_that_the_role_made()
    {
        await using var project = await PrivilegedProject.CreateAsync();
        await project.GrantAsync("GRANT CREATE ON DATABASE {database} TO {role}");

        (await project.RunAsync(Journey)).Clean();

        Assert.Equal(0L, await project.Database.ScalarAsync<long>("SELECT count(*) FROM pg_namespace WHERE nspname IN ('acme', 'globex', 'initech', 'hooli', 'umbrella') OR nspname LIKE 'tenancy_scratch%'"));
    }

    /// <summary>Where tenants and history are others', the rows of history and the tenants' role suffice to migrate.</summary>
    [SkippableFact]
    public async Task Rows_of_history_and_the_owners_role_suffice_to_migrate()
    {
        await using var project = await PrivilegedProject.CreateAsync();
        (await project.RunAsync("'acme', 'globex' | New-Tenant -To base", isSuperuser: true)).Clean();
        await project.GrantAsync($$"""
            {{GrantHistory}};
            ALTER SCHEMA acme OWNER TO {role}; ALTER SCHEMA globex OWNER TO {role}
            """);

        (await project.RunAsync("Invoke-TenantMigration; Undo-TenantMigration -To a001; Invoke-TenantMigration; Get-TenantRevision; Set-TenantRevision acme -To b002; Repair-TenantMigration; Export-TenantReport -Path ./report.html; Remove-Tenant globex -Confirm:$false")).Clean();
    }

    [SkippableFact]
    public async Task Reading_history_suffices_for_whoever_only_looks()
    {
        await using var project = await PrivilegedProject.CreateAsync();
        (await project.RunAsync("'acme', 'globex' | New-Tenant; Invoke-TenantMigration", isSuperuser: true)).Clean();
        await project.GrantAsync("GRANT USAGE ON SCHEMA tenancy TO {role}; GRANT SELECT ON ALL TABLES IN SCHEMA tenancy TO {role}");

        (await project.RunAsync("Get-Tenant; Get-TenantRevision; Get-TenantHistory; Get-TenantRun; Invoke-TenantMigration -WhatIf; Test-TenantMigration; Export-TenantReport -Path ./report.html")).Clean();
    }

    [SkippableTheory]
    [InlineData("REVOKE CONNECT ON DATABASE {database} FROM {role}", "New-Tenant acme", "ConnectionFailed", "permission denied for database")]
    [InlineData("REVOKE CREATE ON DATABASE {database} FROM {role}", "New-Tenant acme", "HistoryNotInstalled", "GRANT CREATE ON DATABASE")]
    [InlineData("SELECT 1", "New-Tenant acme; REVOKE CREATE ON DATABASE {database} FROM {role}; New-Tenant globex", "PermissionDenied", "permission denied for database")]
    [InlineData("SELECT 1", "New-Tenant acme; REVOKE CREATE ON DATABASE {database} FROM {role}; Compare-TenantSchema", "ReplayDenied", "permission denied for database")]
    [InlineData("SELECT 1", "New-Tenant acme; REVOKE CREATE ON DATABASE {database} FROM {role}; Copy-Tenant acme globex", "PermissionDenied", "permission denied for database")]
    [InlineData("REVOKE REFERENCES ON shared.users FROM {role}", "New-Tenant acme -To a001; SELECT 1; Invoke-TenantMigration", "PermissionDenied", "permission denied for table users")]
    [InlineData("REVOKE USAGE ON SCHEMA shared FROM {role}", "New-Tenant acme -To a001; SELECT 1; Invoke-TenantMigration", "PermissionDenied", "permission denied for schema shared")]
    [InlineData("SELECT 1", "New-Tenant acme -To a001; ALTER TABLE acme.orders OWNER TO postgres; Invoke-TenantMigration", "PermissionDenied", "must be owner of table orders")]
    [InlineData("SELECT 1", "New-Tenant acme -To a001; ALTER SCHEMA acme OWNER TO postgres; Invoke-TenantMigration", "WrongSchema", "USAGE")]
    [InlineData("SELECT 1", "New-Tenant acme -To base; ALTER SCHEMA acme OWNER TO postgres; GRANT USAGE ON SCHEMA acme TO {role}; Invoke-TenantMigration", "PermissionDenied", "permission denied for schema acme")]
    [InlineData("SELECT 1", "New-Tenant acme; ALTER SCHEMA acme OWNER TO postgres; Remove-Tenant acme -Confirm:$false", "PermissionDenied", "must be owner of schema acme")]
    [InlineData("SELECT 1", "New-Tenant acme; ALTER SCHEMA tenancy OWNER TO postgres; REVOKE ALL ON SCHEMA tenancy FROM {role}; Get-TenantRevision", "TenantSourceFailed", "permission denied for schema tenancy")]
    [InlineData("SELECT 1", "New-Tenant acme -To a001; ALTER TABLE tenancy.history OWNER TO postgres; GRANT SELECT ON tenancy.history TO {role}; Invoke-TenantMigration", "PermissionDenied", "permission denied for table history")]
    [InlineData("SELECT 1", "New-Tenant acme -To a001; ALTER TABLE tenancy.head OWNER TO postgres; Get-TenantRevision", "HistoryDenied", "permission denied for table head")]
    public async Task A_privilege_that_is_missing_is_named(string before, string steps, string errorId, string named)
    {
        await using var project = await PrivilegedProject.CreateAsync();
        await project.GrantAsync("GRANT CREATE ON DATABASE {database} TO {role}");
        await project.GrantAsync(before);
        var parts = steps.Split("; ");
        if (parts.Length > 1)
        {
            (await project.RunAsync(parts[0])).Clean();
            foreach (var sql in parts[1..^1])
            {
                await project.GrantAsync(sql);
            }
        }

        var answer = await project.RunAsync(parts[^1]);

        var error = answer.Ended ?? answer.Errors[0];
        Assert.StartsWith("TenantMigration." + errorId, error.Id, StringComparison.Ordinal);
        Assert.Contains(named, error.Message + error.Action, StringComparison.Ordinal);
        Assert.Matches("(?i)grant|as a role", error.Action);
    }

    [SkippableFact]
    public async Task An_owner_whose_role_is_not_given_is_named()
    {
        var owner = $"owner_{Guid.NewGuid():N}";
        await Tenancy.Core.Tests.PostgresFixture.ExecuteAsync($"CREATE ROLE {owner}");
        await using var project = await PrivilegedProject.CreateAsync($"owner: {owner}");
        await project.GrantAsync($"GRANT CREATE ON DATABASE {{database}} TO {{role}}, {owner}; GRANT USAGE ON SCHEMA shared TO {owner}; GRANT REFERENCES ON shared.users TO {owner}");

        var error = (await project.RunAsync("New-Tenant acme")).Error;

        Assert.StartsWith("TenantMigration.PermissionDenied", error.Id, StringComparison.Ordinal);
        Assert.Contains($"\"{owner}\"", error.Message, StringComparison.Ordinal);
        await project.GrantAsync($"GRANT {owner} TO {{role}}");
        (await project.RunAsync(Journey)).Clean();
    }

    [SkippableTheory]
    [InlineData("pg_read_all_stats")]
    [InlineData("pg_monitor")]
    public async Task Either_of_two_roles_suffices_to_see_what_a_blocker_does(string role)
    {
        await using var project = await PrivilegedProject.CreateAsync("timeouts: {lock: 1500ms}");
        await project.GrantAsync($"GRANT CREATE ON DATABASE {{database}} TO {{role}}; GRANT {role} TO {{role}}");
        (await project.RunAsync("New-Tenant acme -To a001")).Clean();
        await using var blocker = await project.Database.DataSource.OpenConnectionAsync();
        await using var command = blocker.CreateCommand();
        command.CommandText = "BEGIN; SET LOCAL application_name = 'a nightly job'; SELECT count(*) FROM acme.orders WHERE note = 'a row of a customer'";
        await command.ExecuteNonQueryAsync();

        var error = (await project.RunAsync("Undo-TenantMigration acme -To base -MaxRetries 0")).Error;

        Assert.StartsWith("TenantMigration.LockTimeout", error.Id, StringComparison.Ordinal);
        Assert.Contains("'a nightly job', idle in transaction", error.Message, StringComparison.Ordinal);
        Assert.Contains("SELECT count(*) FROM acme.orders WHERE note = ?", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Temporary_on_the_database_suffices_to_compare_an_index_whose_build_was_interrupted()
    {
        await using var project = await PrivilegedProject.CreateAsync();
        await project.GrantAsync("GRANT CREATE ON DATABASE {database} TO {role}");
        (await project.RunAsync("New-Tenant globex; New-Tenant acme -To a001")).Clean();
        // As a run leaves it that died while the index was built.
        await project.GrantAsync("""
            INSERT INTO tenancy.stage (fleet, scope, schema, revision, direction, number, outcome, description, checksum, schema_oid)
            SELECT fleet, scope, 'acme', revision, 'up', 1, 'started', 'CREATE INDEX', checksum, 'acme'::regnamespace FROM tenancy.history WHERE schema = 'globex' AND revision = 'b002' AND step IS NULL;
            CREATE INDEX orders_note_idx ON acme.orders (note)
            """);

        var error = (await project.RunAsync("Invoke-TenantMigration acme")).Error;

        Assert.StartsWith("TenantMigration.PermissionDenied", error.Id, StringComparison.Ordinal);
        Assert.Contains("permission denied to create temporary tables", error.Message, StringComparison.Ordinal);
        Assert.StartsWith("Grant the role what the statement needs", error.Action, StringComparison.Ordinal);
        await project.GrantAsync("GRANT TEMPORARY ON DATABASE {database} TO {role}");
        Assert.Equal(["Migrated"], (await project.RunAsync("Invoke-TenantMigration acme")).Clean().Values("Status"));
    }

    private const string GrantHistory = "GRANT USAGE ON SCHEMA tenancy TO {role}; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA tenancy TO {role}";
}
