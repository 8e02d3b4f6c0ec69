using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace TenancyMigrate.Help;

/// <summary>The compiler's XML comments, by member.</summary>
internal sealed partial class Comments
{
    private readonly Dictionary<string, XElement> members;

    /// <summary>Reads a file of comments.</summary>
    public Comments(string file) =>
        members = XDocument.Load(file).Descendants("member").ToDictionary(static member => (string)member.Attribute("name")!);

    /// <summary>A member's summary; empty when there is none.</summary>
    public string Summary(string member) => Text(members.GetValueOrDefault(member)?.Element("summary"));

    /// <summary>A member's remarks, a text for each paragraph.</summary>
    public IReadOnlyList<string> Remarks(string member)
    {
        var remarks = members.GetValueOrDefault(member)?.Element("remarks");
        return remarks is null ? [] : remarks.Elements("para").Any() ? [.. remarks.Elements("para").Select(Text)] : [Text(remarks)];
    }

    /// <summary>A member's examples: what each does, and its code.</summary>
    public IReadOnlyList<Example> Examples(string member) =>
        members.GetValueOrDefault(member) is { } element
            ? [.. element.Elements("example").Select(static example => new Example(Text(example.Element("para")), Unindent(example.Element("code")?.Value ?? "")))]
            : [];

    private static string Text(XElement? element) =>
        element is null ? "" : Space().Replace(string.Concat(element.Nodes().Select(Text)), " ").Trim();

    private static string Text(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "see" } reference => reference.Value is { Length: > 0 } shown ? shown : LastName(reference),
        XElement element => string.Concat(element.Nodes().Select(Text)),
        _ => "",
    };

    private static string LastName(XElement reference) =>
        (string?)reference.Attribute("langword") ?? ((string?)reference.Attribute("cref") ?? "").Split('.', ':')[^1];

    private static string Unindent(string code)
    {
        var lines = code.Trim('\n', '\r').TrimEnd().Split('\n').Select(static line => line.TrimEnd('\r')).ToList();
        var indent = lines.Where(static line => line.Trim().Length > 0).Select(static line => line.Length - line.TrimStart().Length).DefaultIfEmpty().Min();
        return string.Join('\n', lines.Select(line => line.Length >= indent ? line[indent..] : line.Trim()));
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}

/// <summary>An example of a cmdlet.</summary>
internal sealed record Example(string Text, string Code);
