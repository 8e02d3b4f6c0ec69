using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>What a run's results are asserted to be; a failure shows every message whole.</summary>
internal static class Outcome
{
    internal static void AssertNoError(IEnumerable<MigrationResult> results)
    {
        string[] errors = [.. results.Select(static result => result.Error).OfType<string>()];
        if (errors.Length > 0)
        {
            Assert.Fail(string.Join('\n', errors));
        }
    }

    internal static void AssertMigrated(IEnumerable<MigrationResult> results)
    {
        AssertNoError(results);
        Assert.All(results, static result => Assert.Equal(MigrationStatus.Migrated, result.Status));
    }
}
