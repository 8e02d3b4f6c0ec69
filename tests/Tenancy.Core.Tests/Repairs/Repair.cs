using Tenancy.Core.Repairs;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;

namespace Tenancy.Core.Tests.Repairs;

/// <summary>Finds and mends as the cmdlet does.</summary>
internal static class Repair
{
    /// <summary>What is wrong; all of the project's database without tenants.</summary>
    internal static async Task<List<RepairFinding>> FindAsync(this FleetProject project, Tenant[]? tenants = null, RepairRequest? request = null)
    {
        await using var fleet = project.Open();
        return await fleet.FindRepairsAsync(tenants ?? [], isWhole: tenants is null, request ?? new(), project.Log).ToListAsync();
    }

    /// <summary>Mends what was found.</summary>
    internal static async Task<List<RepairFinding>> RepairAsync(this FleetProject project, IReadOnlyCollection<RepairFinding> findings, RepairRequest? request = null)
    {
        await using var fleet = project.Open();
        return await fleet.RepairAsync(findings, request ?? new(), project.Log).ToListAsync();
    }

    /// <summary>Finds, and mends what was found.</summary>
    internal static async Task<List<RepairFinding>> RepairAsync(this FleetProject project, Tenant[]? tenants = null, RepairRequest? request = null) =>
        await project.RepairAsync(await project.FindAsync(tenants, request), request);

    /// <summary>The repairs that history tells.</summary>
    internal static async Task<string[]> RepairsAsync(this TestDatabase database) =>
        [.. (await database.QueryAsync("SELECT concat_ws(' ', schema, revision, step) FROM tenancy.history WHERE direction = 'repair' ORDER BY id")).Select(static row => (string)row[0]!)];
}
