using Tenancy.Core.Authoring.Autogenerate;
using Tenancy.Core.Catalog.Drift;
using Tenancy.Core.Tests.Execution;
using Tenancy.Core.Tests.Provisioning;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Faults;

/// <summary>Comparing, repairing, autogenerating, copying, renaming and removing, cancelled while a statement waits for a lock: it ends, nothing is left of it, and the same again succeeds.</summary>
public sealed class CancelledWorkTests
{
    private const string Scratch = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'tenancy\\_scratch\\_%'";
    private const string Gate = "BEGIN; LOCK TABLE shared.gate";

    // A value of an enum that is used where it is new is committed before, up to PostgreSQL 16.
    private const string Type = "CREATE TYPE state AS ENUM ('open', 'done');";

    private const string Tables = """
        CREATE TABLE t (state state DEFAULT 'done');
        CREATE MATERIALIZED VIEW slow AS SELECT shared.wait() AS waited, 'done'::state AS state;
        """;

    [SkippableTheory]
    [InlineData("compare", Gate, true)]
    [InlineData("compare", Gate, false)]
    [InlineData("repair", Gate, true)]
    [InlineData("repair", Gate, false)]
    [InlineData("autogenerate", Gate, true)]
    [InlineData("autogenerate", Gate, false)]
    [InlineData("copy", "BEGIN; LOCK TABLE acme.t", false)]
    [InlineData("rename", "BEGIN; GRANT USAGE ON SCHEMA acme TO PUBLIC", false)]
    [InlineData("remove", "BEGIN; LOCK TABLE acme.t IN ACCESS SHARE MODE", false)]
    public async Task It_ends_leaves_nothing_and_is_done_by_the_next(string work, string block, bool isCommitted)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        Skip.If(isCommitted && database.Server.MajorVersion >= 17, "A new value of an enum may be used at once there, so nothing need be committed.");
        await database.ExecuteAsync($$"""
            CREATE SCHEMA shared; CREATE TABLE shared.gate ();
            CREATE FUNCTION shared.wait() RETURNS integer LANGUAGE plpgsql AS $$BEGIN
              IF EXISTS (SELECT FROM pg_namespace WHERE nspname LIKE 'tenancy\_scratch\_%' {{(isCommitted ? "AND xmin <> pg_current_xact_id()::xid" : "")}}) THEN PERFORM FROM shared.gate; END IF;
              RETURN 1;
            END$$
            """);
        // A replay uses a value that the history adds; the proof of a repair, one that it adds itself.
        var type = work == "compare" && isCommitted ? "- sql: CREATE TYPE state AS ENUM ('open')\n  - add_enum_value: {enum: state, value: done}" : "- sql: " + Type;
        using var project = new FleetProject(database, "fleet: test\ntimeouts: {lock: 10min, statement: 10min, concurrent_lock: 10min, concurrent_statement: 10min}")
            .With("1", $"revision: aaaa0001\nup:\n  {type}\n  - sql: |\n      {Tables.Replace("\n", "\n      ", StringComparison.Ordinal)}\ndown: {{irreversible: not of interest}}\n");
        Outcome.AssertMigrated(await project.CreateAsync(FleetProject.Tenants("acme")));
        await database.ExecuteAsync("DROP MATERIALIZED VIEW acme.slow; DROP TABLE acme.t; DROP TYPE acme.state; CREATE TYPE acme.state AS ENUM ('open'); CREATE TABLE acme.t (state acme.state); INSERT INTO acme.t VALUES ('open')");
        await File.WriteAllTextAsync(Path.Combine(project.Folder, "desired.sql"), Type + Tables);
        await using var fleet = project.Open();
        var drift = work == "repair" ? Assert.Single(await fleet.FindDriftAsync(FleetProject.Tenants("acme"), new(), project.Log, static failed => throw new InvalidOperationException(failed.Error))) : null;
        var (before, files) = (await database.DumpAsync(), Files(project));
        await using (await database.HoldAsync(block))
        {
            using var stop = new CancellationTokenSource();
            var doing = DoAsync(stop.Token);
            await Task.WhenAny(doing, database.UntilBlockedAsync("%"));
            Assert.False(doing.IsCompleted, doing.Exception?.ToString());
            Assert.Equal(isCommitted, await database.ScalarAsync<long>(Scratch) > 0);

            await stop.CancelAsync();

            // Long before any limit of the project.
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => doing.WaitAsync(TimeSpan.FromMinutes(2)));
            await database.AssertNoLocksAsync();
            Assert.Equal(0L, await database.ScalarAsync<long>(Scratch));
        }

        Assert.Equal(before, await database.DumpAsync());
        Assert.Equal(files, Files(project));
        Assert.Equal(work switch { "compare" => "acme Drifted", "repair" or "autogenerate" => "True", "copy" => "acme, copied", "rename" => "copied", _ => "" }, await DoAsync(default));
        Assert.Equal(0L, await database.ScalarAsync<long>(Scratch));
        await database.AssertNoLocksAsync();

        async Task<string> DoAsync(CancellationToken cancellation)
        {
            var tenant = FleetProject.Tenants("acme")[0];
            switch (work)
            {
                case "compare":
                    var compared = Assert.Single(await fleet.CompareSchemasAsync([tenant], new(), project.Log, cancellation).ToListAsync(CancellationToken.None));
                    return $"{compared.Name} {compared.Status}";
                case "repair":
                    return (await fleet.MakeRepairAsync(drift!, new(), new(), RepairRenames.None, project.Log, cancellation)).Result.IsProved.ToString();
                case "autogenerate":
                    return (await fleet.AutogenerateAsync(new() { Specimen = tenant, Desired = new DesiredSource.Files([Path.Combine(project.Folder, "desired.sql")], null) }, project.Log, cancellation)).Result.IsProved.ToString();
                default:
                    await ProvisioningWork.RunAsync(fleet, work, "acme", "copied", project.Log, cancellation);
                    Assert.Equal(work switch { "copy" => 2L, "rename" => 1L, _ => 0L }, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.tenant JOIN tenancy.head USING (schema)"));
                    return await database.ScalarAsync<string>("SELECT coalesce(string_agg(nspname, ', ' ORDER BY nspname), '') FROM pg_namespace WHERE nspname IN ('acme', 'copied')") ?? "";
            }
        }
    }

    private static string[] Files(FleetProject project) => Directory.GetFiles(project.Folder, "*", SearchOption.AllDirectories);
}
