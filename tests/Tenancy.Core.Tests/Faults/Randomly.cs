using System.Globalization;
using Xunit.Sdk;

namespace Tenancy.Core.Tests.Faults;

/// <summary>Random moments that can be had again: a failure tells the seed, and <c>TENANCY_TEST_SEED</c> sets it. (What the machine does meanwhile cannot be.)</summary>
internal static class Randomly
{
    internal static async Task RunAsync(Func<Random, Task> test)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("TENANCY_TEST_SEED"), NumberStyles.None, CultureInfo.InvariantCulture, out var wanted) ? wanted : Random.Shared.Next();
        try
        {
            await test(new Random(seed));
        }
        catch (Exception error) when (error is not Xunit.SkipException)
        {
            throw new XunitException(string.Create(CultureInfo.InvariantCulture, $"TENANCY_TEST_SEED={seed}: {error.Message}"), error);
        }
    }
}
