using System.Collections.Immutable;
using Tenancy.Core.Manifests;

namespace Tenancy.Core.History;

/// <summary>The state of the schemas of one database, read in a fixed number of queries. Of a tenant about which there is nothing to say but where it is, it keeps no more than that: there may be many thousands.</summary>
internal sealed class FleetState
{
    private readonly Dictionary<string, Place> places;
    private readonly Dictionary<string, SchemaState> others = new(StringComparer.Ordinal);

    /// <summary>A state without tenants.</summary>
    /// <param name="shared">The shared schema.</param>
    /// <param name="tenants">How many there will be.</param>
    public FleetState(SchemaState shared, int tenants)
    {
        Shared = shared;
        places = new(tenants, StringComparer.Ordinal);
    }

    /// <summary>The shared schema.</summary>
    public SchemaState Shared { get; private set; }

    /// <summary>Where the database's extensions are, in name order; without <c>pg_catalog</c>.</summary>
    public List<string> ExtensionSchemas { get; } = [];

    /// <summary>The manifests whose texts history is known to keep.</summary>
    public HashSet<Manifest> KeptTexts { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>False where something of it may not be on the disk yet: a run that goes on, or was killed, committed without waiting.</summary>
    public bool IsFlushed { get; set; } = true;

    /// <summary>The states of all schemas that were asked for, the shared one's too.</summary>
    public IEnumerable<SchemaState> All => places.Keys.Select(schema => this[schema]).Append(Shared);

    /// <summary>The state of a tenant that was asked for; made anew each time.</summary>
    /// <param name="schema">Its schema.</param>
    public SchemaState this[string schema] => others.TryGetValue(schema, out var other) ? other : places[schema].ToState(MigrationScope.Tenant, schema);

    /// <summary>The state of a schema of a scope.</summary>
    /// <param name="scope">The scope.</param>
    /// <param name="schema">The schema.</param>
    public SchemaState Of(MigrationScope scope, string schema) => scope == MigrationScope.Shared ? Shared : this[schema];

    /// <summary>The same; null for one that was not asked for.</summary>
    /// <param name="scope">The scope.</param>
    /// <param name="schema">The schema.</param>
    public SchemaState? Find(MigrationScope scope, string schema) =>
        scope == MigrationScope.Shared ? (schema == Shared.Schema ? Shared : null) : places.ContainsKey(schema) ? this[schema] : null;

    /// <summary>Takes a state, in place of what is there of the schema.</summary>
    /// <param name="state">The state.</param>
    public void Put(SchemaState state)
    {
        if (state.Scope == MigrationScope.Shared)
        {
            Shared = state;
        }
        else
        {
            places.TryAdd(state.Schema, default);
            others[state.Schema] = state;
        }
    }

    /// <summary>Takes where a tenant is, of which nothing was known before.</summary>
    /// <param name="schema">Its schema.</param>
    /// <param name="place">Where it is.</param>
    /// <returns>False where something is known already.</returns>
    public bool TryPut(string schema, in Place place) => places.TryAdd(schema, place);

    /// <summary>Where a tenant is, in few bytes.</summary>
    /// <param name="Heads">The head revisions, in ordinal order; one list for many.</param>
    /// <param name="Oid">The schema's OID; 0 where it does not exist.</param>
    /// <param name="RecordedOid">The OID that history has recorded; 0 at base.</param>
    /// <param name="Changed">When the heads last moved, UTC; not to be looked at where there are none.</param>
    internal readonly record struct Place(ImmutableArray<string> Heads, uint Oid, uint RecordedOid, DateTime Changed)
    {
        /// <summary>It as a state.</summary>
        /// <param name="scope">The schema's scope.</param>
        /// <param name="schema">The schema.</param>
        public SchemaState ToState(MigrationScope scope, string schema) => new()
        {
            Scope = scope,
            Schema = schema,
            Oid = Oid == 0 ? null : Oid,
            RecordedOid = RecordedOid == 0 ? null : RecordedOid,
            Heads = Heads,
            Changed = Heads.IsEmpty ? null : Changed,
        };
    }
}
