using Tenancy.Core.Manifests;
using Tenancy.Core.Safety.Reading;
using Tenancy.Core.Sql;
using Tenancy.Model;

namespace Tenancy.Core.Safety;

/// <summary>Faults of several plans and databases, brought together: one finding for each place and rule, as grave as where its table is largest.</summary>
/// <param name="tokens">The project's tokens.</param>
internal sealed class SafetyFindings(SqlTokens tokens)
{
    private readonly Dictionary<(string Rule, SourcePosition Position, bool IsDown, TableName? Table, string Message), Entry> entries = [];
    private readonly List<SafetyFinding> unused = [];
    private readonly HashSet<Suppression> told = [];

    /// <summary>Takes the faults of a plan.</summary>
    /// <param name="faults">The faults.</param>
    /// <param name="sizes">Sizes of tables in the schemas that get the plan; null where nobody has looked.</param>
    /// <param name="tenants">How many schemas that are.</param>
    public void Add(IEnumerable<JudgedFault> faults, TableSizes? sizes, int tenants)
    {
        foreach (var found in faults)
        {
            var size = found.Fault.Table is { } table ? sizes?[table] : null;
            var key = (found.Rule.Id, found.Judged.Planned.Statement.Position, found.Judged.IsDown, found.Fault.Table, found.Fault.Message);
            entries[key] = entries.TryGetValue(key, out var before)
                ? before with { Size = before.Size is { } one && size is not null ? one.And(size) : before.Size ?? size, Tenants = before.Tenants + tenants }
                : new(found, size, sizes is null ? null : tenants);
        }
    }

    /// <summary>Takes what a revision suppresses and what it would be told of, judged by itself.</summary>
    /// <param name="manifest">The revision.</param>
    /// <param name="faults">Its faults.</param>
    public void AddSuppressions(Manifest manifest, IReadOnlyCollection<JudgedFault> faults)
    {
        HashSet<string> rules = [];
        foreach (var suppression in manifest.Suppress)
        {
            var isRepeated = !rules.Add(suppression.Rule);
            if ((isRepeated || faults.All(fault => fault.Rule.Id != suppression.Rule)) && told.Add(suppression))
            {
                unused.Add(Describe(suppression, manifest, isRepeated));
            }
        }
    }

    /// <summary>The findings, by manifest and line in the order of the revisions, the gravest of a line first.</summary>
    public IReadOnlyList<SafetyFinding> Complete() =>
    [
        .. entries.Values.Select(Describe).Concat(unused)
            .GroupBy(static finding => finding.Revision)
            .SelectMany(static revision => revision.OrderBy(static finding => finding.Line).ThenByDescending(static finding => SafetySeverity.Rank(finding.Severity))),
    ];

    private static SafetyFinding Describe(Suppression suppression, Manifest manifest, bool isRepeated) => new()
    {
        Severity = SafetySeverity.Note,
        Rule = SafetyRules.UnusedSuppression,
        Message = isRepeated ? $"'{suppression.Rule}' is suppressed above already." : $"'{suppression.Rule}' is suppressed here, and would not be told of.",
        Why = isRepeated ? "The reason that counts is the first." : "A suppression that keeps nothing back would hide the next mistake.",
        SafeWay = isRepeated ? "Take one of them out." : "Take it out.",
        Revision = manifest.Revision,
        Manifest = suppression.Position.File,
        Line = suppression.Position.Line,
        Column = suppression.Position.Column,
    };

    private SafetyFinding Describe(Entry entry)
    {
        var ((rule, fault, judged), size) = (entry.Found, entry.Size);
        var suppression = judged.Manifest.Suppress.FirstOrDefault(suppression => suppression.Rule == rule.Id);
        var position = judged.Planned.Statement.Position;
        return new()
        {
            Severity = fault.Severity ?? (fault.FailsOnRows && size is { WithRows: > 0 } ? SafetySeverity.Error : SeverityOf(rule, size)),
            Rule = rule.Id,
            Message = fault.Message + (size is null || fault.Lock is null ? "" : size.LargestBytes == 0 ? " It is empty everywhere." : $" It has {TableSize.Show(size.LargestBytes)} in {size.LargestSchema}."),
            Why = rule.Why,
            SafeWay = rule.SafeWay,
            Revision = judged.Manifest.Revision,
            Direction = judged.IsDown ? "down" : "up",
            Manifest = position.File,
            Line = position.Line,
            Column = Math.Max(1, position.Column),
            Operation = judged.Planned.Operation.Name,
            Statement = judged.Planned.Statement.Template.Source,
            Table = fault.Table?.Show(tokens),
            Lock = fault.Lock,
            Effect = fault.Effect,
            LargestBytes = size?.LargestBytes,
            LargestSchema = size?.LargestSchema,
            Tenants = entry.Tenants,
            TenantsWithRows = size?.WithRows,
            IsSuppressed = suppression is not null,
            Reason = suppression?.Reason,
        };
    }

    private static string SeverityOf(SafetyRule rule, TableSize? size) =>
        size is null ? rule.Severity
        : size.LargestBytes < rule.NoteBelow ? SafetySeverity.Note
        : size.LargestBytes >= rule.ErrorFrom ? SafetySeverity.Error
        : rule.Severity;

    private sealed record Entry(JudgedFault Found, TableSize? Size, int? Tenants);
}
