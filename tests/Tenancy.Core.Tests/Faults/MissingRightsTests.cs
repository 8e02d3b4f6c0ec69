using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Faults;

/// <summary>A role that lacks rights on some tenants, each another one.</summary>
public sealed class MissingRightsTests
{
    private const int Tenants = 20;

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Tenants_without_rights_fail_with_what_to_grant_and_the_others_are_done(bool isPooled)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.CreateSchemasAsync(Tenants);
        var role = (await TestRoles.CreateAsync("plain"))["plain"];
        await database.ExecuteAsync($"GRANT CREATE ON DATABASE {database.Name} TO {role}; ALTER SCHEMA shared OWNER TO {role}; " + string.Join("; ", FaultFleet.Schemas(Tenants).Select(schema => $"ALTER SCHEMA {schema} OWNER TO {role}")));
        await using var pooler = isPooled ? await PgBouncerServer.StartAsync(database.Server, poolSize: 4, user: role) : null;
        using var project = new FleetProject(database.Through(pooler?.Port ?? database.Server.Port, pooler is null ? null : database.Server.Port) with { Username = role }, FaultFleet.Patient).WithEveryKind();
        Outcome.AssertNoError(await project.MigrateAsync(FaultFleet.Tenants(Tenants), FaultFleet.Four with { To = FaultFleet.Id(1) }));
        await database.ExecuteAsync($"""
            ALTER SCHEMA t1 OWNER TO postgres;
            ALTER TABLE t2.item OWNER TO postgres;
            ALTER TYPE t3.mood OWNER TO postgres;
            REVOKE INSERT ON t4.ledger FROM {role};
            ALTER SCHEMA t5 OWNER TO postgres; GRANT USAGE ON SCHEMA t5 TO {role}
            """);

        var results = await project.MigrateAsync(FaultFleet.Tenants(Tenants), FaultFleet.Four);

        FaultCheck.AssertExplained(results);
        Assert.Equal(
            [("t1", MigrationStatus.Failed, "WrongSchema"), ("t2", MigrationStatus.Failed, "PermissionDenied"), ("t3", MigrationStatus.Failed, "PermissionDenied"), ("t4", MigrationStatus.Failed, "PermissionDenied"), ("t5", MigrationStatus.InProgress, "PermissionDenied")],
            results.Where(static result => result.Failure is not null).OrderBy(static result => result.Name).Select(static result => (result.Name, result.Status, result.Failure!.ErrorId)));
        Assert.All(results.Select(static result => result.Failure).OfType<MigrationFailure>(), static failure => Assert.StartsWith("Grant the role", failure.RecommendedAction, StringComparison.Ordinal));
        await database.AssertQuietAsync();
        var standings = await database.AssertStandingAsync(project, FaultFleet.Schemas(Tenants));
        Assert.Equal([(1, 0), (1, 0), (3, 0), (1, 0), (2, 1)], standings.Skip(1).Take(5).Select(static one => (one.Head, one.Done)));
        Assert.Equal(Tenants - 5, standings.Count(static one => one.IsAtHead));

        await database.ExecuteAsync($"ALTER SCHEMA t1 OWNER TO {role}; ALTER TABLE t2.item OWNER TO {role}; ALTER TYPE t3.mood OWNER TO {role}; GRANT INSERT ON t4.ledger TO {role}; ALTER SCHEMA t5 OWNER TO {role}");
        await database.AssertFinishesAsync(project, Tenants);
    }
}
