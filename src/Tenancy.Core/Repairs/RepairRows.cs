using Tenancy.Core.Execution;
using Tenancy.Core.History;
using Tenancy.Model;

namespace Tenancy.Core.Repairs;

/// <summary>The rows that a repair writes and clears.</summary>
internal static class RepairRows
{
    /// <summary>Mends one defect inside the caller's transaction, and says so in history.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="context">The run.</param>
    /// <param name="target">The schema.</param>
    /// <param name="defect">The defect.</param>
    /// <param name="checksum">The manifest's checksum; null where the defect is about no applied revision.</param>
    public static void AddMend(this CommandList commands, RunContext context, SchemaTarget target, Defect defect, string? checksum)
    {
        switch (defect.Problem)
        {
            case RepairProblem.ChecksumMismatch:
                commands.AddRepair(context, target, defect, step: null, checksum);
                break;
            case RepairProblem.OverlappingHead:
                commands.AddClear(context, target, "head", "AND revision = $4", defect.Revision);
                commands.AddRepair(context, target, defect, "row cleared");
                break;
            case RepairProblem.StaleMark:
                commands.AddClear(context, target, "stage");
                commands.AddRepair(context, target, defect, "mark cleared");
                break;
            case RepairProblem.SchemaGone:
                commands.AddClear(context, target, "head");
                commands.AddClear(context, target, "stage");
                commands.Add(
                    context.History.Write("DELETE FROM @history@.tenant WHERE fleet = $1 AND $2 = 'tenant' AND schema = $3"), context.Project.Fleet, target.ScopeName, target.Schema);
                commands.AddRepair(context, target, defect, "rows cleared");
                break;
            default:
                throw new InvalidOperationException($"{defect.Problem} is not mended by rows.");
        }
    }

    /// <summary>Says in history that a defect was mended.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="context">The run.</param>
    /// <param name="target">The schema.</param>
    /// <param name="defect">The defect.</param>
    /// <param name="step">What was done, in a few words; null only for a revision whose checksum this is: such a row counts as the revision's newest.</param>
    /// <param name="checksum">The manifest's checksum.</param>
    public static void AddRepair(this CommandList commands, RunContext context, SchemaTarget target, Defect defect, string? step, string? checksum = null) => commands.Add(
        context.History.File("record_repair"),
        context.Project.Fleet,
        target.ScopeName,
        target.Schema,
        context.Request.RunId,
        target.Name,
        ToolVersion.Text,
        defect.Revision,
        step,
        checksum,
        defect.Description);

    private static void AddClear(this CommandList commands, RunContext context, SchemaTarget target, string table, string where = "", params object?[] values) => commands.Add(
        context.History.Write($"DELETE FROM @history@.{table} WHERE fleet = $1 AND scope = $2 AND schema = $3 {where}"), [context.Project.Fleet, target.ScopeName, target.Schema, .. values]);
}
