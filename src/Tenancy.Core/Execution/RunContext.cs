using System.Globalization;
using System.Text;
using Tenancy.Core.Execution.Servers;
using Tenancy.Core.Execution.Waiting;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Core.Sql;
using Tenancy.Core.Tenants;

namespace Tenancy.Core.Execution;

/// <summary>What all the work of a run on one database shares.</summary>
internal sealed class RunContext
{
    private readonly Lazy<RetryPolicy> retries;
    private SecretMask? mask;

    /// <summary>What the work of a run shares.</summary>
    public RunContext() => retries = new(() => new(Connector!, Request!.RetriesIn(Project!), Log!, Request.Until));

    /// <summary>The project.</summary>
    public required TenancyProject Project { get; init; }

    /// <summary>What the run is asked to do.</summary>
    public required MigrationRequest Request { get; init; }

    /// <summary>The values of the run's arguments.</summary>
    public required IReadOnlyDictionary<string, string> Arguments { get; init; }

    /// <summary>True where some schema of the database had something to do when the run began.</summary>
    public bool HasWork { get; init; }

    /// <summary>Held by the one transaction of the run that may lock what all tenants use: side by side they would wait for each other, or deadlock.</summary>
    public SemaphoreSlim TouchGate { get; } = new(1);

    /// <summary>Values that must not be shown.</summary>
    public required IReadOnlyCollection<string> Secrets { get; init; }

    /// <summary>The history schema's SQL.</summary>
    public required HistorySql History { get; init; }

    /// <summary>Opens connections.</summary>
    public required DatabaseConnector Connector { get; init; }

    /// <summary>Makes what is committed durable at the run's end; null where each commit waits for the disk.</summary>
    public RunDurability? Durability { get; init; }

    /// <summary>Makes durable what other runs committed and this one counts on; null where nobody says so of results.</summary>
    public RunDurability? Others { get; init; }

    /// <summary>Done when what the run found in the database is durable; null where it is known to be.</summary>
    public Task? Found { get; set; }

    /// <summary>What is tried again.</summary>
    public RetryPolicy Retries => retries.Value;

    /// <summary>Takes what the run says.</summary>
    public required IRunLog Log { get; init; }

    /// <summary>Schemas with the database's extensions; null where nobody has looked, for a script that does.</summary>
    public required IReadOnlyList<string>? ExtensionSchemas { get; init; }

    /// <summary>The direction as history has it.</summary>
    public string Direction => Request.Direction == RevisionDirection.Up ? "up" : "down";

    /// <summary>
    /// The <c>search_path</c> for a schema. <c>pg_temp</c> last, so that no temporary table shadows one of its (CVE-2018-1058). In token mode
    /// <c>pg_catalog</c> first: a bare CREATE would otherwise make a temporary object in silence, or one among the extensions' (manual, 20.11.1).
    /// </summary>
    /// <param name="target">The schema.</param>
    public LookedUp SearchPath(SchemaTarget target) => Project.Mode == SchemaMode.SearchPath ? Path([target.Schema, Project.SharedSchema], []) : Path(["pg_catalog"], []);

    /// <summary>
    /// The <c>search_path</c> for a statement of the manifest's own outside a transaction. No proof can take it back, so in search-path mode the shared schema
    /// is left out, be it the extensions' too: a bare name is the tenant's or an error. Typed operations name the schema, and keep <see cref="SearchPath"/>.
    /// </summary>
    /// <param name="target">The schema.</param>
    public LookedUp UnprovedSearchPath(SchemaTarget target) => Project.Mode == SchemaMode.SearchPath ? Path([target.Schema], [Project.SharedSchema]) : SearchPath(target);

    /// <summary>The schema that <c>current_schema()</c> must name; null in token mode, where none is meant.</summary>
    /// <param name="target">The schema.</param>
    public string? CurrentSchema(SchemaTarget target) => Project.Mode == SchemaMode.SearchPath ? target.Schema : null;

    /// <summary>The schema that a manifest's <c>touches</c> means: manifests write tokens or real names, the catalog has real names.</summary>
    /// <param name="touch">What is declared.</param>
    public string SchemaOf(Touch touch) => touch.Schema == Project.Tokens.Shared ? Project.SharedSchema : touch.Schema;

    /// <summary>What the server shows while a schema is at work: run and tenant, at most 63 bytes of ASCII (manual, 20.8.4).</summary>
    /// <param name="target">The schema.</param>
    public string ApplicationName(SchemaTarget target)
    {
        var name = new StringBuilder("tenancy ").Append(Request.RunId.ToString("N", CultureInfo.InvariantCulture), 0, 8).Append(' ');
        foreach (var character in target.Name)
        {
            name.Append(char.IsBetween(character, ' ', '~') ? character : '?');
        }

        return name.Length <= 63 ? name.ToString() : name.ToString(0, 63);
    }

    // What comes first, then the extensions' schemas.
    private LookedUp Path(string[] first, string[] without)
    {
        string[] known = [.. first.Distinct(StringComparer.Ordinal)];
        var extensions = (ExtensionSchemas ?? []).Except(known).Except(without);
        var value = Join([.. known, .. extensions]) + ", pg_temp";
        return new(value, ExtensionSchemas is null
            ? $"{SqlLiteral.Quote(Join(known))} || {History.Quoted}.extension_path({SqlLiteral.Quote(Project.Fleet)}, {SqlLiteral.Array([.. known, .. without])}) || ', pg_temp'"
            : SqlLiteral.Quote(value));

        static string Join(IEnumerable<string> schemas) => string.Join(", ", schemas.Select(SqlIdentifier.Quote));
    }

    /// <summary>A text with the secrets taken out.</summary>
    /// <param name="text">The text.</param>
    public string Mask(string text) => (mask ??= new(Secrets)).Apply(text);
}
