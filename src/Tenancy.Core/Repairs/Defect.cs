using Tenancy.Core.Execution;
using Tenancy.Model;

namespace Tenancy.Core.Repairs;

/// <summary>One thing wrong with a schema's history, as its state shows it.</summary>
/// <param name="Kind">What a repair must be asked for to mend it.</param>
/// <param name="Problem">What it is called.</param>
/// <param name="Revision">The revision that it is about, or null.</param>
/// <param name="Description">What is wrong.</param>
/// <param name="Action">What a repair does about it, or, where it can do nothing, what the user can.</param>
/// <param name="IsMendable">False where a repair can do nothing.</param>
internal sealed record Defect(RepairKind Kind, string Problem, string? Revision, string Description, string Action, bool IsMendable = true)
{
    /// <summary>True when this is what a finding said.</summary>
    public bool Is(RepairFinding finding) => finding.Kind == Kind.ToString() && finding.Problem == Problem && finding.Revision == Revision;

    /// <summary>The form that travels.</summary>
    /// <param name="target">The schema.</param>
    public RepairFinding Describe(SchemaTarget target) => new()
    {
        Name = target.Name,
        Schema = target.Schema,
        Database = target.Address.Database,
        Server = target.Address.Server.ToString(),
        Scope = target.ScopeName,
        Kind = Kind.ToString(),
        Problem = Problem,
        Revision = Revision,
        Description = Description,
        Action = Action,
        Status = IsMendable ? RepairStatus.Found : RepairStatus.Manual,
        Labels = target.Labels,
    };
}
