using Tenancy.Core.Planning;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Rehearsals;

/// <summary>Rehearsals of a test's project, of which nothing may be left.</summary>
internal static class Rehearsing
{
    /// <summary>Rehearses; asserts that the database holds what it held, history included, and that no lock or transaction is left.</summary>
    internal static async Task<List<MigrationRehearsal>> RehearseAsync(this FleetProject project, TestDatabase database, string[] schemas, MigrationRequest? request = null, int? sample = null)
    {
        var before = await DumpAsync(database);
        await using var fleet = project.Open();
        var results = await fleet.RehearseAsync(FleetProject.Tenants(schemas), request ?? new(), sample, project.Log).ToListAsync();
        Assert.Equal(before, await DumpAsync(database));
        await database.AssertNoLocksAsync();
        return results;
    }

    /// <summary>The database without what no rollback takes back: the numbers that the history's rows would have had.</summary>
    internal static async Task<string> DumpAsync(TestDatabase database) =>
        string.Join('\n', (await database.DumpAsync()).Split('\n').Where(static line =>
            !line.Contains("setval('tenancy.history_id_seq'", StringComparison.Ordinal) && !(line.StartsWith("sequence ", StringComparison.Ordinal) && line.Contains("tenancy.history_id_seq", StringComparison.Ordinal))));

    internal static string[] Statuses(this IEnumerable<MigrationRehearsal> results) => [.. results.Select(static result => result.Status)];

    /// <summary>Asserts that nothing would go wrong; a failure shows every message whole.</summary>
    internal static void AssertNoError(IEnumerable<MigrationRehearsal> results)
    {
        string[] errors = [.. results.Select(static result => result.Error).OfType<string>()];
        if (errors.Length > 0)
        {
            Assert.Fail(string.Join('\n', errors));
        }
    }
}
