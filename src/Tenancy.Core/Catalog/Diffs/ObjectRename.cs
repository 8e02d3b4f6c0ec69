using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Tenancy.Model;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>
/// A rename that was asked for: <c>table:customer->client</c>, <c>column:client.fax->client.phone</c>. A part of a table stands with the table's new name. With nothing behind the arrow it says that what goes
/// is not renamed: <c>column:client.fax-></c>.
/// </summary>
/// <param name="Kind">The kind, as in an <see cref="ObjectIdentity"/>.</param>
/// <param name="Table">The table, by its new name; null for what lies in the schema by itself.</param>
/// <param name="From">The name that it has.</param>
/// <param name="To">The name that it gets; empty for one that goes.</param>
public sealed partial record ObjectRename(string Kind, string? Table, string From, string To)
{
    private static readonly ImmutableArray<string> InTable = ["column", "constraint", "trigger", "policy"];

    private static readonly ImmutableArray<string> InSchema = ["table", "view", "materialized_view", "index", "sequence", "enum", "domain", "composite_type", "range_type", "statistics", "function", "procedure"];

    private static readonly ImmutableArray<string> Suggested = ["table", "column"];

    /// <summary>True where it says that what goes is not renamed, whatever comes.</summary>
    public bool IsNone => To.Length == 0;

    /// <summary>Reads a rename.</summary>
    /// <param name="text">Such as <c>column:invoice.sum->total</c>; a name with a dot, a colon or <c>-></c> in it goes into double quotes.</param>
    /// <exception cref="TenancyException"><c>InvalidRename</c>.</exception>
    public static ObjectRename Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (Form().Match(text) is not { Success: true } match)
        {
            throw Invalid(text, "It is written kind:old->new, or kind:table.old->new for a part of a table.");
        }

        var kind = match.Groups["kind"].Value;
        var table = match.Groups["table"] is { Success: true } part ? Unquote(part.Value) : null;
        var target = match.Groups["newtable"] is { Success: true } other ? Unquote(other.Value) : table;
        if (!InTable.Contains(kind) && !InSchema.Contains(kind))
        {
            throw Invalid(text, $"There is no kind '{kind}'. There are: {string.Join(", ", InSchema.Concat(InTable))}.");
        }

        if (InTable.Contains(kind) != (table is not null) || target != table)
        {
            throw Invalid(text, InTable.Contains(kind) ? $"A {kind} is renamed within its table: {kind}:table.old->new, by the table's new name." : $"A {kind} lies in the schema itself: {kind}:old->new.");
        }

        var to = Unquote(match.Groups["to"].Value);
        return to.Length > 0 || Suggested.Contains(kind) ? new(kind, table, Unquote(match.Groups["from"].Value), to)
            : throw Invalid(text, $"That a {kind} is not renamed needs no word: it is offered of tables and columns only.");
    }

    /// <summary>The renames that take these back, the last first. A part's table has its old name then.</summary>
    /// <param name="renames">The renames, in order.</param>
    public static ImmutableArray<ObjectRename> Invert(ImmutableArray<ObjectRename> renames)
    {
        renames = [.. renames.Where(static rename => !rename.IsNone)];
        // Tables come first again, so that their parts are named by the name that the table has then.
        var tables = renames.Where(static rename => rename.Table is null).Reverse().Select(static rename => rename with { From = rename.To, To = rename.From }).ToImmutableArray();
        string? Back(string? table) => tables.FirstOrDefault(rename => rename.Kind is "table" or "view" or "materialized_view" && rename.From == table)?.To ?? table;
        return [.. tables, .. renames.Where(static rename => rename.Table is not null).Reverse().Select(rename => rename with { Table = Back(rename.Table), From = rename.To, To = rename.From })];
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Kind}:{(Table is null ? "" : $"{Quote(Table)}.")}{Quote(From)}->{(IsNone ? "" : Quote(To))}";

    private static TenancyException Invalid(string text, string why) => new("InvalidRename", $"'{text}' is no rename. {why}", "Write for example table:customer->client or column:invoice.sum->total; with nothing behind the arrow, that it is none: column:invoice.sum->.");

    private static string Unquote(string name) => name.StartsWith('"') ? name[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : name;

    private static string Quote(string name) => name.AsSpan().IndexOfAny(".:#\"") < 0 && !name.Contains("->", StringComparison.Ordinal) ? name : $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    [GeneratedRegex("""^\s*(?<kind>[a-z_]+)\s*:\s*(?:(?<table>"(?:[^"]|"")+"|[^".]+?)\.)?(?<from>"(?:[^"]|"")+"|[^".]+?)\s*->\s*(?:(?:(?<newtable>"(?:[^"]|"")+"|[^".]+?)\.)?(?<to>"(?:[^"]|"")+"|[^".]+?))?\s*$""", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}

/// <summary>A rename that would explain why one thing is gone and an alike one is new. Nothing takes it unless it is asked for.</summary>
/// <param name="Rename">The rename.</param>
/// <param name="Likeness">How much of the two is equal, from 0 to 1.</param>
public sealed record RenameSuggestion(ObjectRename Rename, double Likeness)
{
    /// <inheritdoc/>
    public override string ToString() => Rename.ToString();
}
