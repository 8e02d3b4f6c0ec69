using Tenancy.Core.Safety.Reading;
using Tenancy.Core.Sql;
using Tenancy.Model;

namespace Tenancy.Core.Safety.Rules;

/// <summary>Changes under the feet of code that runs.</summary>
internal static class InUse
{
    private static readonly string[] Used = ["TABLE", "VIEW", "MATERIALIZED VIEW", "FOREIGN TABLE", "SEQUENCE", "FUNCTION", "PROCEDURE", "ROUTINE", "TYPE", "DOMAIN", "SCHEMA"];

    /// <summary><c>rename-in-use</c>.</summary>
    public static readonly SafetyRule Rename = new(
        "rename-in-use",
        "Something that running code may use is renamed",
        "Tenants are migrated one after another, and the application that runs meanwhile knows only one of the two names: it fails on the tenants that have the other.",
        "Add the new one beside the old, let the application use both, and drop the old in a later revision. Or rename a table and put a view of the old name in its place, in the same revision.",
        SafetySeverity.Warning,
        JudgeRename);

    /// <summary><c>drop-in-use</c>.</summary>
    public static readonly SafetyRule Drop = new(
        "drop-in-use",
        "Something that running code may use is dropped",
        "An application that still names it fails, and what is dropped with its rows is only in a backup.",
        "First deploy an application that does not use it any more; drop it in a later revision, and suppress this rule there with that reason.",
        SafetySeverity.Warning,
        JudgeDrop);

    private static IEnumerable<SafetyFault> JudgeRename(JudgedStatement judged)
    {
        var text = judged.Text;
        if (judged.IsDown || text.Target is not { } target || !judged.IsInUse(target))
        {
            yield break;
        }

        foreach (var action in text.Actions.Where(static action => action.Kind is ActionKind.RenameTable or ActionKind.RenameColumn))
        {
            if (action.Kind == ActionKind.RenameTable ? !IsReplaced(judged, target) : judged.Known[target]?.NewColumns.Contains(action.Name ?? "") != true)
            {
                yield return new(action.Kind == ActionKind.RenameColumn ? $"{judged.Show(target)}.{action.Name} becomes {action.NewName}." : $"{judged.Show(target)} becomes {action.NewName}.", target);
            }
        }

        if (text.Actions.IsEmpty && text.Code.Is(0, "ALTER") && IsUsed(text, "ALTER "))
        {
            for (var index = text.AfterTarget; index < text.Code.Count; index++)
            {
                if ((text.Code.Follows(index, "RENAME TO") || text.Code.Follows(index, "RENAME VALUE") || text.Code.Follows(index, "RENAME ATTRIBUTE") || text.Code.Follows(index, "SET SCHEMA")) && !IsReplaced(judged, target))
                {
                    yield return new($"{judged.Show(target)}: {text.Command} … {text.Code.Keyword(index)} {text.Code.Keyword(index + 1)}.");
                    yield break;
                }
            }
        }
    }

    private static IEnumerable<SafetyFault> JudgeDrop(JudgedStatement judged)
    {
        var text = judged.Text;
        if (judged.IsDown)
        {
            yield break;
        }

        foreach (var target in text.Code.Is(0, "DROP") && IsUsed(text, "DROP ") ? text.Targets : [])
        {
            if (judged.IsInUse(target) && !IsReplaced(judged, target))
            {
                yield return new($"{text.Command["DROP ".Length..].ToLowerInvariant()} {judged.Show(target)} goes.", text.Command is "DROP TABLE" ? target : null);
            }
        }

        foreach (var action in text.Target is { } table && judged.IsInUse(table) ? text.Actions.Where(static action => action.Kind == ActionKind.DropColumn) : [])
        {
            if (judged.Known[text.Target!]?.NewColumns.Contains(action.Name ?? "") != true)
            {
                yield return new($"{judged.Show(text.Target!)}.{action.Name} goes, with what is in it.", text.Target);
            }
        }
    }

    private static bool IsUsed(StatementText text, string verb) => text.Command.StartsWith(verb, StringComparison.Ordinal) && Used.Contains(text.Command[verb.Length..]);

    // Something of that name comes before anybody can see that it was gone.
    private static bool IsReplaced(JudgedStatement judged, TableName target) =>
        judged.After.Any(later => later.Text.Code.Is(0, "CREATE") && later.Text.Target == target);
}
