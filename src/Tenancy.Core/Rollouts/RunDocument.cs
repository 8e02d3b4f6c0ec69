using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Rollouts;

/// <summary>What is kept of a run so that it can be gone on with elsewhere: as JSON in the history schema. Secret arguments are not in it.</summary>
internal sealed record RunDocument
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault };

    /// <summary><c>up</c> or <c>down</c>.</summary>
    public required string Direction { get; init; }

    /// <summary>Where to, as <see cref="MigrationRequest.Target"/>.</summary>
    public required string Target { get; init; }

    /// <summary>The scope; null where the direction says it.</summary>
    public string? Scope { get; init; }

    /// <summary>How much commits together.</summary>
    public required string Transaction { get; init; }

    /// <summary>The arguments but for the secret ones.</summary>
    public Dictionary<string, string> Arguments { get; init; } = [];

    /// <summary>The rollout file's text; null without one.</summary>
    public string? Rollout { get; init; }

    /// <summary>The label whose values are the rings; null without one.</summary>
    public string? RingLabel { get; init; }

    /// <summary>Checksums of the manifests that the target needs, by revision.</summary>
    public required SortedDictionary<string, string> Manifests { get; init; }

    /// <summary>All tenants.</summary>
    public required ImmutableArray<KeptDatabase> Databases { get; init; }

    /// <summary>What cannot be a tenant, so that it is in the way of the run that goes on too; null for none.</summary>
    public List<Tenant>? Faults { get; init; }

    /// <summary>What is to be kept of a run.</summary>
    /// <param name="request">What it is asked to do.</param>
    /// <param name="graph">The revisions.</param>
    /// <param name="databases">Its tenants.</param>
    /// <param name="faults">What cannot be a tenant.</param>
    /// <param name="home">The server on which it is kept.</param>
    public static RunDocument Of(
        MigrationRequest request, RevisionGraph graph, IEnumerable<(DatabaseAddress Address, List<Tenant> Tenants)> databases, IReadOnlyCollection<TenantFinding> faults, ServerAddress home)
    {
        var secrets = ArgumentBinder.SecretNames(graph.All.Select(static node => node.Manifest));
        return new()
        {
            Direction = request.Direction == RevisionDirection.Up ? "up" : "down",
            Target = request.Target,
            Scope = request.Scope?.ToString(),
            Transaction = request.Transaction.ToString(),
            Arguments = request.Arguments.Where(argument => !secrets.Contains(argument.Key)).ToDictionary(),
            Rollout = request.Rollout?.Text,
            RingLabel = request.Rollout?.Label,
            Manifests = RunManifests.Of(request, graph),
            Databases = [.. databases.Select(database => new KeptDatabase(
                database.Address.Server == home ? null : database.Address.Server.ToString(),
                database.Address.Database,
                [.. database.Tenants.Select(static tenant => new KeptTenant(tenant.Schema, tenant.Name == tenant.Schema ? null : tenant.Name, tenant.Labels.Count > 0 ? tenant.Labels : null))]))],
            Faults = faults.Count == 0 ? null : [.. faults.Select(static fault => fault.Tenant with
            {
                Name = Storable(fault.Tenant.Name)!,
                Schema = Storable(fault.Tenant.Schema)!,
                Server = Storable(fault.Tenant.Server),
                Database = Storable(fault.Tenant.Database),
            })],
        };
    }

    // JSON in PostgreSQL holds no U+0000; what stands for it is refused in a name too.
    private static string? Storable(string? name) => name?.Replace('\0', '\uFFFD');

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The text.</param>
    public static RunDocument Parse(string json) => JsonSerializer.Deserialize<RunDocument>(json, Format)!;

    /// <summary>As text.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Format);

    /// <summary>The tenants, in their order.</summary>
    /// <param name="home">The server on which the run is kept, as it is called here.</param>
    public List<Tenant> Tenants(ServerAddress home) =>
    [
        .. Faults ?? [],
        .. from database in Databases
           from tenant in database.Tenants
           select new Tenant { Name = tenant.N ?? tenant.S, Schema = tenant.S, Database = database.Database, Server = database.Server ?? home.ToString(), Labels = tenant.L is { } labels ? new TenantLabels(labels) : [] },
    ];
}

/// <summary>A database of a run that is kept.</summary>
/// <param name="Server">Its server; null for the one on which the run is kept, which may have another name elsewhere.</param>
/// <param name="Database">Its name.</param>
/// <param name="Tenants">The run's tenants there.</param>
internal sealed record KeptDatabase(string? Server, string Database, ImmutableArray<KeptTenant> Tenants);

/// <summary>A tenant of a run that is kept; short names, because there are many.</summary>
/// <param name="S">Its schema.</param>
/// <param name="N">Its name; null where it is the schema's.</param>
/// <param name="L">Its labels; null for none.</param>
internal sealed record KeptTenant(string S, string? N = null, Dictionary<string, string>? L = null);
