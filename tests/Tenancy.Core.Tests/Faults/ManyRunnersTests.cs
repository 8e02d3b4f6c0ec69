using System.Globalization;
using Tenancy.Core.Tests.Execution;
using Xunit;

namespace Tenancy.Core.Tests.Faults;

/// <summary>Several runners, each a process of its own, over one fleet; one is killed.</summary>
public sealed class ManyRunnersTests
{
    private const int Tenants = 20;

    [SkippableTheory]
    [InlineData(2, false)]
    [InlineData(4, false)]
    [InlineData(2, true)]
    public Task The_others_do_the_work_of_one_that_is_killed(int count, bool isPooled) => Randomly.RunAsync(async random =>
    {
        for (var round = 0; round < 2; round++)
        {
            await using var database = await PostgresFixture.CreateDatabaseAsync();
            await database.CreateSchemasAsync(Tenants);
            await using var pooler = isPooled ? await PgBouncerServer.StartAsync(database.Server, poolSize: 6) : null;
            using var project = new FleetProject(database, FaultFleet.Patient).WithEveryKind();
            project.Connection = pooler is null ? project.Connection : database.Through(pooler.Port, database.Server.Port);
            var runners = new List<Runner>();
            try
            {
                for (var number = 0; number < count; number++)
                {
                    runners.Add(await Runner.StartAsync(project, FaultFleet.Schemas(Tenants).OrderBy(_ => random.Next()).ToList(), throttleLimit: 4));
                }

                runners.ForEach(static runner => runner.Go());
                var others = runners.Skip(1).Select(static runner => runner.EndAsync()).ToList();
                await database.UntilAsync("SELECT to_regclass('tenancy.history') IS NOT NULL");
                await database.UntilAsync(string.Create(CultureInfo.InvariantCulture, $"SELECT count(*) >= {random.Next(10, 200)} FROM tenancy.history"));
                runners[0].Process.Kill();

                foreach (var results in await Task.WhenAll(others))
                {
                    Outcome.AssertNoError(results);
                    Assert.All(results.Where(static result => result.Scope == "tenant"), static result => Assert.Equal([FaultFleet.Id(6)], result.To));
                    Assert.Equal(Tenants, results.Count(static result => result.Scope == "tenant"));
                }
            }
            finally
            {
                runners.ForEach(static runner => runner.Dispose());
            }

            await database.AssertQuietAsync();
            Assert.All(await database.AssertStandingAsync(project, FaultFleet.Schemas(Tenants)), static standing => Assert.True(standing.IsAtHead, standing.ToString()));
            await database.AssertFinishesAsync(project, Tenants);
        }
    });
}
