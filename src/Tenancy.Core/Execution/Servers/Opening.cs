using Tenancy.Core.History;
using Tenancy.Core.Tenants;

namespace Tenancy.Core.Execution.Servers;

/// <summary>What a run needs to know of a database before it does anything there.</summary>
/// <param name="Facts">The server.</param>
/// <param name="Fleet">Where the schemas are.</param>
/// <param name="Registered">Which revisions the registered tenants have; null where nobody asked.</param>
internal sealed record Opening(ServerFacts Facts, FleetState Fleet, RegisteredTenants? Registered);
