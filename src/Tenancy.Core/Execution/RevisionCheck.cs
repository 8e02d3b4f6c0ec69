using Npgsql;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Execution;

/// <summary>A revision's <c>requires</c> or <c>verify</c>: a query that gives one boolean, asked inside the transaction.</summary>
/// <param name="Stage">The stage that it belongs to.</param>
/// <param name="ErrorId">What it is called when it does not hold.</param>
/// <param name="Message">What to tell then.</param>
/// <param name="OnlyWarns">True when the revision runs all the same.</param>
internal sealed record RevisionCheck(PlanStage Stage, string ErrorId, string Message, bool OnlyWarns = false)
{
    // Not to be guessed: a result of the manifest's own SQL must not be taken for a check's.
    private static readonly string Column = $"tenancy_check_{Guid.NewGuid():N}";

    /// <summary>Adds what a revision requires, before its first stage.</summary>
    public static void AddBefore(NpgsqlBatch batch, PlanStage stage, SqlValues values, List<RevisionCheck> checks)
    {
        if (stage.Number != 1 || stage.Revision.Direction != RevisionDirection.Up)
        {
            return;
        }

        foreach (var requirement in stage.Revision.Manifest.Requires)
        {
            Add(batch, requirement.Sql, values, checks, new(stage, "RequirementNotMet", requirement.Message ?? $"it requires: {requirement.Sql.Template.Source}", requirement.OnFail == "warn"));
        }
    }

    /// <summary>Adds what a revision verifies, after its last stage.</summary>
    public static void AddAfter(NpgsqlBatch batch, PlanStage stage, SqlValues values, List<RevisionCheck> checks)
    {
        if (!stage.IsLast || stage.Revision.Direction != RevisionDirection.Up)
        {
            return;
        }

        foreach (var verification in stage.Revision.Manifest.Verify)
        {
            Add(batch, verification.Sql, values, checks, new(stage, "VerificationFailed", verification.Message ?? $"it did not verify: {verification.Sql.Template.Source}"));
        }
    }

    /// <summary>Its question as it was sent; null before.</summary>
    private NpgsqlBatchCommand? Command { get; init; }

    /// <summary>The check whose question the server could not answer, or null.</summary>
    /// <param name="checks">The checks of a batch.</param>
    /// <param name="error">The batch's error.</param>
    public static RevisionCheck? Find(List<RevisionCheck> checks, PostgresException error) =>
        error.BatchCommand is { } failed ? checks.Find(check => ReferenceEquals(check.Command, failed)) : null;

    /// <summary>True when the reader stands at the result of a check.</summary>
    /// <param name="reader">The reader.</param>
    /// <param name="number">The check's place in the list.</param>
    public static bool IsResult(NpgsqlDataReader reader, out int number)
    {
        var prefix = Column + "_";
        number = 0;
        return reader.FieldCount == 1 && reader.GetName(0).StartsWith(prefix, StringComparison.Ordinal)
            && int.TryParse(reader.GetName(0).AsSpan(prefix.Length), System.Globalization.CultureInfo.InvariantCulture, out number);
    }

    /// <summary>Reads the result.</summary>
    /// <param name="reader">The reader, at the result.</param>
    /// <param name="log">Takes a warning.</param>
    /// <param name="target">The schema, for the warning.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="CheckFailedException">It does not hold; null counts as false.</exception>
    public async Task EnsureAsync(NpgsqlDataReader reader, IRunLog log, SchemaTarget target, CancellationToken cancellation)
    {
        var holds = await reader.ReadAsync(cancellation) && !await reader.IsDBNullAsync(0, cancellation) && reader.GetBoolean(0);
        if (!holds && OnlyWarns)
        {
            log.Warn($"{target}, revision {Stage.Revision.Manifest.Revision}: {Message}");
        }
        else if (!holds)
        {
            throw new CheckFailedException(this);
        }
    }

    private static void Add(NpgsqlBatch batch, SqlStatement statement, SqlValues values, List<RevisionCheck> checks, RevisionCheck check)
    {
        checks.Add(check with { Command = batch.Add($"SELECT (\n{statement.Template.Render(values)}\n)::pg_catalog.bool AS {Column}_{checks.Count}") });
    }
}
