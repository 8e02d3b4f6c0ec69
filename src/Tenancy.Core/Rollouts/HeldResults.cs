using Tenancy.Core.Execution.Servers;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Rollouts;

/// <summary>
/// Results that a later ring may complete: of tenants that wait for a shared revision, which go along with the next ring, and of shared schemas that wait for tenants.
/// So each has one result in the end.
/// </summary>
internal sealed class HeldResults
{
    private readonly Dictionary<(string Server, string Database, string Scope, string Schema), MigrationResult> held = [];

    /// <summary>What is still held.</summary>
    public IEnumerable<MigrationResult> All => held.Values;

    /// <summary>A ring's tenants, and those that were held.</summary>
    /// <param name="databases">The ring's.</param>
    public List<(DatabaseAddress Address, List<Tenant> Tenants)> Join(IEnumerable<(DatabaseAddress Address, List<Tenant> Tenants)> databases) =>
    [
        .. databases.Select(database => (database.Address, (List<Tenant>)
        [
            .. held.Values.Where(result => result.Scope == "tenant" && result.Server == database.Address.Server.ToString() && result.Database == database.Address.Database)
                .Select(static result => new Tenant { Name = result.Name, Schema = result.Schema, Server = result.Server, Database = result.Database, Labels = result.Labels }),
            .. database.Tenants,
        ])),
    ];

    /// <summary>A result with what an earlier ring brought.</summary>
    /// <param name="result">The result.</param>
    /// <param name="ring">The ring that gave it.</param>
    public MigrationResult Complete(MigrationResult result, string ring) =>
        held.Remove(Key(result), out var earlier) ? DatabaseRun.Join(earlier, result) with { Ring = earlier.Ring } : result with { Ring = ring };

    /// <summary>Keeps a result that a later ring may complete.</summary>
    /// <param name="result">The result.</param>
    /// <returns>False where it is at its end.</returns>
    public bool Hold(MigrationResult result)
    {
        var isHeld = result is { Failure.ErrorId: "WaitsForShared" } or { Scope: "shared", Status: MigrationStatus.WaitingForTenants };
        if (isHeld)
        {
            held[Key(result)] = result;
        }

        return isHeld;
    }

    private static (string, string, string, string) Key(MigrationResult result) => (result.Server, result.Database, result.Scope, result.Schema);
}
