using System.Globalization;
using Npgsql;
using Tenancy.Core.Execution;
using Tenancy.Core.Manifests;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog.Scratch;

/// <summary>
/// Whether a replay meets constraints that can be deferred. Only then are their modes set around each revision (<see cref="ConstraintModes"/>), which takes the server longer than most revisions do.
/// </summary>
internal static class DeferrableConstraints
{
    // DEFERRABLE, and the modes, which need it.
    private const string Word = "defer";

    /// <summary>False where no statement says that a constraint is to be deferrable. It may still become so: like a shared table's, or by a shared function.</summary>
    /// <param name="root">What is replayed.</param>
    /// <param name="hooks">What is run around it.</param>
    public static bool AreNamedBy(ReplayNode root, ProjectHooks hooks) => root.All().Select(static node => node.Step?.Manifest).Append(hooks.BeforeTenant).Append(hooks.AfterTenant).OfType<Manifest>()
        .SelectMany(static manifest => manifest.Up).SelectMany(static operation => operation.Statements).Any(static statement => statement.Template.Segments.Any(static segment => segment.Text.Contains(Word, StringComparison.OrdinalIgnoreCase)));

    /// <summary>Makes sure that a schema has none.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="scratch">The schema.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="FoundException">It has.</exception>
    public static async Task EnsureNoneAsync(NpgsqlConnection connection, ScratchSchema scratch, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(EmbeddedSql.Read("deferrable_constraints"), scratch.Oid.ToString(CultureInfo.InvariantCulture));
        if (await batch.ExecuteScalarAsync(cancellation) is true)
        {
            throw new FoundException();
        }
    }

    /// <summary>A schema has a deferrable constraint that no statement named: the replay is to set their modes.</summary>
    internal sealed class FoundException() : Exception("A constraint is deferrable.");
}
