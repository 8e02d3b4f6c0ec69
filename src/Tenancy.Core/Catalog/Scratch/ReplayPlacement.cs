using System.Collections.Immutable;
using System.Globalization;
using Npgsql;
using Tenancy.Core.Execution;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Sql;
using Tenancy.Model;

namespace Tenancy.Core.Catalog.Scratch;

/// <summary>
/// Proves of each transaction of a replay that commits that it leaves nothing outside the scratch schema: by the proof of placement of migrations, and, as to what is declared under <c>touches</c>, by
/// comparing. A key to a declared table may be made and dropped: it goes with the scratch schema. Rows may not be written there, nor anything be changed.
/// </summary>
internal sealed class ReplayPlacement
{
    /// <summary>What a revision is refused with that cannot be replayed without a trace.</summary>
    public const string ErrorId = "ReplayLeavesTrace";

    /// <summary>The files of the proof's functions, as <see cref="HistoryInstallation.Functions"/> has them; what they call and no more.</summary>
    private static readonly ImmutableArray<string> Functions = ["catalogs", "names", "locate", "rows_outside", "own_versions", "prove", "assert_placement", "enter", "parts", "session"];

    private readonly RunContext context;
    private readonly HistorySql functions;

    private ReplayPlacement(RunContext context, HistorySql functions)
    {
        this.context = context;
        this.functions = functions;
    }

    /// <summary>Makes the proof's functions in a scratch schema of their own: no history need be installed, or be of this version, or be open to the role.</summary>
    /// <param name="committed">Where scratch schemas are committed.</param>
    /// <param name="context">The run.</param>
    /// <param name="cancellation">Cancels.</param>
    public static async Task<ReplayPlacement> CreateAsync(CommittedScratch committed, RunContext context, CancellationToken cancellation)
    {
        HistorySql functions = new(ScratchNames.Of(context.Request.RunId, "placement"));
        await committed.CreateAsync(functions.Schema, [.. Functions.Select(functions.File)], cancellation);
        return new(context, functions);
    }

    /// <summary>Adds what comes before the statements: where the proof starts. The path is set, the role is still the one that logged in.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="scratch">The scratch schema.</param>
    public void AddBefore(CommandList commands, ScratchSchema scratch)
    {
        commands.Add($"SELECT {functions.Quoted}.start_proof($1), {functions.Quoted}.keep_before(), pg_catalog.set_config('tenancy.current_schema', coalesce(pg_catalog.current_schema()::pg_catalog.text, ''), true)", scratch.Name);
    }

    /// <summary>Adds the proof, after the statements; the role is the one that logged in again. It raises what <see cref="PlacementProof"/> does.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="scratch">The scratch schema.</param>
    /// <param name="stage">What the transaction does.</param>
    public void AddProof(CommandList commands, ScratchSchema scratch, PlanStage stage)
    {
        List<Touch> named = [.. stage.Revision.Manifest.Touches.Where(static touch => touch.Name.Length > 0), .. context.Project.DdlLog];
        commands.Add(new SessionCommand(
            $"SELECT {functions.Quoted}.assert_placement($1::pg_catalog.text::pg_catalog.oid, pg_catalog.current_schema(), $2, $3, false)",
            [scratch.Oid.ToString(CultureInfo.InvariantCulture), named.Select(context.SchemaOf).ToArray(), named.Select(static touch => touch.Name).ToArray()])
        {
            Proved = new([stage]),
        });
    }

    /// <summary>What a stage declares to change or lock, as it is.</summary>
    /// <param name="connection">The connection, in the transaction.</param>
    /// <param name="stage">The stage.</param>
    /// <param name="cancellation">Cancels.</param>
    public Task<TouchedSchemas> ReadTouchedAsync(NpgsqlConnection connection, PlanStage stage, CancellationToken cancellation) =>
        TouchedSchemas.ReadAsync(connection, context, stage.Revision.Manifest.Touches, cancellation);

    /// <summary>Checks that what a stage declares has only been locked.</summary>
    /// <param name="connection">The connection, in the transaction, after the statements.</param>
    /// <param name="stage">The stage.</param>
    /// <param name="before">What <see cref="ReadTouchedAsync"/> gave before them.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <exception cref="TenancyException"><c>ReplayLeavesTrace</c>.</exception>
    public async Task CheckTouchedAsync(NpgsqlConnection connection, PlanStage stage, TouchedSchemas before, CancellationToken cancellation)
    {
        if ((await ReadTouchedAsync(connection, stage, cancellation)).FindChange(before) is { } change)
        {
            throw LeavesTrace(stage, "changes " + change);
        }
    }

    private static TenancyException LeavesTrace(PlanStage stage, string what) => new(
        ErrorId,
        $"{stage.Revision.Manifest.Title} {what}, which would stay: here a replay has to commit. Nothing was kept.",
        "Compare with a tenant that is as it should be: -Reference. From PostgreSQL 17 on an enum's new values need no commit in a replay.");

    /// <summary>Says of a stage that it runs, or commits, outside a transaction only.</summary>
    /// <param name="stage">The stage.</param>
    public static TenancyException Outside(PlanStage stage) => new(
        ErrorId,
        $"{stage.Revision.Manifest.Title} has {stage.Description} outside a transaction: what that does elsewhere could neither be proved nor taken back, so it is not replayed.",
        "Compare with a tenant that is as it should be: -Reference.");
}
