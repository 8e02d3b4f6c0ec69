using System.Collections.Immutable;
using Npgsql;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Execution;

/// <summary>Revisions that schemas have and no manifest has any more, from the texts that history keeps: so that older code can be deployed first and what it does not know be undone then.</summary>
internal static class StoredRevisions
{
    /// <summary>The graph with the revisions that schemas of a database are at and it lacks, and what these need.</summary>
    /// <param name="graph">The project's graph.</param>
    /// <param name="project">The project.</param>
    /// <param name="connector">Opens connections.</param>
    /// <param name="address">The database.</param>
    /// <param name="heads">Where its schemas are.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The same graph where nothing is lacking, or where history does not have it.</returns>
    /// <exception cref="ManifestException">A text cannot be read, or does not fit the graph.</exception>
    public static async Task<RevisionGraph> ExtendAsync(
        RevisionGraph graph, TenancyProject project, DatabaseConnector connector, DatabaseAddress address, IEnumerable<string> heads, CancellationToken cancellation)
    {
        var known = graph.All.Select(static node => node.Id).ToHashSet(StringComparer.Ordinal);
        var lacking = heads.Where(head => !known.Contains(head)).Distinct(StringComparer.Ordinal).ToArray();
        List<Manifest> stored = [];
        while (lacking.Length > 0)
        {
            var found = await ReadAsync(project, connector, address, lacking, cancellation);
            stored.AddRange(found);
            known.UnionWith(lacking);
            // A dependency may be a label, which is no id to look for; the graph says if it is unknown.
            lacking = [.. found.SelectMany(static manifest => manifest.Parents.Concat(manifest.DependsOn)).Where(id => !known.Contains(id)).Distinct(StringComparer.Ordinal)];
        }

        return stored.Count == 0 ? graph : RevisionGraph.Build([.. graph.All.Select(static node => node.Manifest), .. stored]);
    }

    private static Task<List<Manifest>> ReadAsync(TenancyProject project, DatabaseConnector connector, DatabaseAddress address, string[] revisions, CancellationToken cancellation) =>
        HistoryTransaction.QueryAsync(
            connector,
            address,
            project,
            batch => batch.Add(new HistorySql(project.HistorySchema).File("read_texts"), project.Fleet, revisions),
            reader => ManifestReader.ReadText(reader.GetString(1), $"{project.HistorySchema}.revision_text, revision {reader.GetString(0)}", project),
            cancellation);
}
