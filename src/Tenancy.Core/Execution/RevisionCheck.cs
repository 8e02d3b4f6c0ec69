using Npgsql;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Execution;

/// <summary>A revision's <c>requires</c> or <c>verify</c>: a query that gives one boolean, asked inside the transaction.</summary>
/// <param name="Stage">The stage that it belongs to.</param>
/// <param name="Query">The query.</param>
/// <param name="ErrorId">What it is called when it does not hold.</param>
/// <param name="Message">What to tell then.</param>
/// <param name="OnFail">What happens then.</param>
internal sealed record RevisionCheck(PlanStage Stage, SqlStatement Query, string ErrorId, string Message, OnFail OnFail)
{
    // Not to be guessed: a result of the manifest's own SQL must not be taken for a check's.
    private static readonly string Column = $"tenancy_check_{Guid.NewGuid():N}";

    // A setting that nobody has: an error that the server raises by itself, whatever the role may use.
    private static readonly string Unmet = $"tenancy.unmet_{Guid.NewGuid():N}";

    /// <summary>True where what the revision requires decides whether its statements are sent at all.</summary>
    /// <param name="stage">The stage.</param>
    public static bool Decides(PlanStage stage) => HasRequirements(stage) && stage.Revision.Manifest.Requires.Any(static requirement => requirement.OnFail is OnFail.Skip or OnFail.MarkApplied);

    /// <summary>Adds what a revision requires, before its first stage.</summary>
    public static void AddBefore(CommandList commands, PlanStage stage, SqlValues values) => AddBefore(commands, stage, values, static _ => true);

    /// <summary>Adds only what says that a revision is recorded as applied and not run: what else it requires is about rows, which a copy of a schema does not have.</summary>
    public static void AddMarking(CommandList commands, PlanStage stage, SqlValues values) => AddBefore(commands, stage, values, static requirement => requirement.OnFail == OnFail.MarkApplied);

    private static void AddBefore(CommandList commands, PlanStage stage, SqlValues values, Func<Requirement, bool> isAsked)
    {
        if (HasRequirements(stage))
        {
            foreach (var requirement in stage.Revision.Manifest.Requires.Where(isAsked))
            {
                Add(commands, values, new(stage, requirement.Sql, ErrorId: "RequirementNotMet", requirement.Message ?? $"it requires: {requirement.Sql.Template.Source}", requirement.OnFail));
            }
        }
    }

    /// <summary>Adds what a revision verifies, after its last stage.</summary>
    public static void AddAfter(CommandList commands, PlanStage stage, SqlValues values)
    {
        if (!HasVerifications(stage))
        {
            return;
        }

        foreach (var verification in stage.Revision.Manifest.Verify)
        {
            Add(commands, values, new(stage, verification.Sql, ErrorId: "VerificationFailed", verification.Message ?? $"it did not verify: {verification.Sql.Template.Source}", OnFail.Fail));
        }
    }

    /// <summary>The check whose result the reader stands at; null where it stands at another's.</summary>
    /// <param name="reader">The reader.</param>
    /// <param name="commands">The commands that it reads the results of.</param>
    public static RevisionCheck? Of(NpgsqlDataReader reader, CommandList commands)
    {
        var prefix = Column + "_";
        return reader.FieldCount == 1 && reader.GetName(0).StartsWith(prefix, StringComparison.Ordinal)
            && int.TryParse(reader.GetName(0).AsSpan(prefix.Length), System.Globalization.CultureInfo.InvariantCulture, out var number)
            ? commands[number].Check
            : null;
    }

    /// <summary>True for the error of a check that must hold and does not: the server goes no further then. Any other error is of one that could not be asked.</summary>
    /// <param name="error">The error.</param>
    public static bool IsUnmet(PostgresException error) => error.SqlState == PostgresErrorCodes.UndefinedObject && error.MessageText.Contains(Unmet, StringComparison.Ordinal);

    /// <summary>Reads the result.</summary>
    /// <param name="reader">The reader, at the result.</param>
    /// <param name="log">Takes a warning.</param>
    /// <param name="target">The schema, for the warning.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>False where it does not hold (null counts as false) and the revision's statements are not to be sent.</returns>
    public async Task<bool> HoldsAsync(NpgsqlDataReader reader, IRunLog log, SchemaTarget target, CancellationToken cancellation)
    {
        if (await reader.ReadAsync(cancellation) && !await reader.IsDBNullAsync(0, cancellation) && reader.GetBoolean(0))
        {
            return true;
        }

        if (OnFail == OnFail.Warn)
        {
            log.Warn($"{target}, {Stage.Revision.Manifest.Title}: {Message}");
            return true;
        }

        return false;
    }

    private static bool HasRequirements(PlanStage stage) => stage.Number == 1 && stage.Revision.Direction == RevisionDirection.Up;

    private static bool HasVerifications(PlanStage stage) => stage.IsLast && stage.Revision.Direction == RevisionDirection.Up;

    private static void Add(CommandList commands, SqlValues values, RevisionCheck check)
    {
        var answer = $"(\n{check.Query.Template.Render(values)}\n)::pg_catalog.bool";
        var asked = check.OnFail == OnFail.Fail ? $"CASE WHEN {answer} THEN true ELSE pg_catalog.current_setting('{Unmet}') IS NULL END" : answer;
        commands.Add(new SessionCommand($"SELECT {asked} AS {Column}_{commands.Count}", []) { Stage = check.Stage, Check = check });
    }
}
