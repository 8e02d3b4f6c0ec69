using Tenancy.Core.Manifests;

namespace Tenancy.Core.Tenants;

/// <summary>The schemas that never are tenants, whatever a source says.</summary>
public sealed class ReservedSchemas
{
    /// <summary>How the names of scratch schemas begin.</summary>
    public const string ScratchPrefix = "tenancy_scratch_";

    private readonly string historySchema;
    private readonly string sharedSchema;

    /// <summary>The reserved schemas of a fleet.</summary>
    /// <param name="historySchema">Its history schema.</param>
    /// <param name="sharedSchema">Its shared schema.</param>
    public ReservedSchemas(string historySchema, string sharedSchema)
    {
        this.historySchema = historySchema;
        this.sharedSchema = sharedSchema;
    }

    /// <summary>The reserved schemas of a project.</summary>
    /// <param name="project">The project.</param>
    public static ReservedSchemas Of(TenancyProject project)
    {
        ArgumentNullException.ThrowIfNull(project);
        return new(project.HistorySchema, project.SharedSchema);
    }

    /// <summary>The same for the server: names, and a regular expression.</summary>
    internal object[] ToServerPatterns() => [(string[])[historySchema, sharedSchema, "public", "information_schema", "$user"], $"^(pg_|{ScratchPrefix})"];

    /// <summary>What a schema is, if it cannot be a tenant's; else null.</summary>
    /// <param name="schema">The schema's name, unquoted.</param>
    public string? Describe(string schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return schema == historySchema ? "the history schema"
            : schema == sharedSchema ? "the shared schema"
            : schema == "public" ? "the schema that every database has for all its users"
            : schema == "information_schema" || schema.StartsWith("pg_", StringComparison.Ordinal) ? "a schema of PostgreSQL itself"
            : schema == "$user" ? "what search_path reads as the schema of whoever is logged in, quoted or not"
            : schema.StartsWith(ScratchPrefix, StringComparison.Ordinal) ? "a scratch schema of this tool"
            : null;
    }
}
