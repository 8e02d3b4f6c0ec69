using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Tenancy.Core.Manifests.Yaml;

/// <summary>Builds the tree of one YAML document from the parser's events, without recursion.</summary>
/// <remarks>The serializer is not used: it keeps no positions, merges duplicate keys and resolves scalars by rules of its own.</remarks>
internal sealed class YamlReader
{
    /// <summary>Levels of nesting allowed. Manifests need about eight; the limit keeps hostile files from the stack of whatever walks the tree.</summary>
    public const int MaximumDepth = 100;

    /// <summary>Values that a file with aliases may have when they are written out.</summary>
    public const long MaximumExpandedNodes = 1_000_000;

    /// <summary>Characters that a file with aliases may have when they are written out.</summary>
    public const long MaximumExpandedLength = 64L * 1024 * 1024;

    private readonly string text;
    private readonly string file;
    private readonly ErrorList errors;
    private readonly Stack<YamlFrame> open = new();
    private readonly Dictionary<string, YamlNode?> anchors = new(StringComparer.Ordinal);
    private SourcePosition last;
    private bool hasAliases;
    private bool isRefused;
    private YamlNode? root;

    private YamlReader(string text, string file, ErrorList errors)
    {
        this.text = text;
        this.file = file;
        this.errors = errors;
        last = new SourcePosition(file, 1, 1);
    }

    /// <summary>Reads a text that holds one document.</summary>
    /// <param name="text">The text, with line feeds only and without a byte order mark.</param>
    /// <param name="file">The file's name for positions.</param>
    /// <param name="errors">Takes every error found.</param>
    /// <returns>The root; null when there is none or the file could not be read to its end.</returns>
    public static YamlNode? Read(string text, string file, ErrorList errors) => new YamlReader(text, file, errors).Read();

    private YamlNode? Read()
    {
        try
        {
            var parser = new YamlParser(text);
            var documents = 0;
            while (!isRefused && parser.MoveNext())
            {
                var parsed = parser.Current!;
                if (parsed is DocumentStart && ++documents > 1)
                {
                    Refuse(At(parsed.Start), "A second YAML document begins here ('---'). Write one manifest a file.");
                    break;
                }

                Take(parsed);
            }
        }
        catch (YamlException exception)
        {
            var message = exception.Message.TrimEnd('.', ' ');
            Refuse(Locate(exception), $"This is not valid YAML: {char.ToLowerInvariant(message[0])}{message[1..]}. Mend the YAML around here.");
        }

        return isRefused ? null : root;
    }

    /// <summary>Where an error of the parser is. Some carry no place: then the last value's is the nearest known, or the tab that they complain of.</summary>
    private SourcePosition Locate(YamlException exception)
    {
        if (exception.Message.Contains(" tab", StringComparison.Ordinal))
        {
            var lines = text.Split('\n');
            for (var line = last.Line; line <= lines.Length; line++)
            {
                var blank = lines[line - 1].AsSpan();
                var tab = blank[..(blank.Length - blank.TrimStart(" \t").Length)].IndexOf('\t');
                if (tab >= 0)
                {
                    return new SourcePosition(file, line, tab + 1);
                }
            }
        }

        var at = At(exception.Start);
        return at.Line > last.Line || (at.Line == last.Line && at.Column > last.Column) ? at : last;
    }

    private void Take(ParsingEvent parsed)
    {
        switch (parsed)
        {
            case Scalar scalar:
                Complete(Build(scalar), AnchorOf(scalar));
                break;
            case SequenceStart start:
                Open(start, isMapping: false);
                break;
            case MappingStart start:
                Open(start, isMapping: true);
                break;
            case SequenceEnd or MappingEnd:
                var frame = open.Pop();
                Complete(frame.Close(), frame.Anchor);
                break;
            case AnchorAlias alias:
                Expand(alias);
                break;
        }
    }

    private void Open(NodeEvent start, bool isMapping)
    {
        var position = At(start.Start);
        CheckTag(start, position);
        if (open.Count >= MaximumDepth)
        {
            Refuse(position, string.Create(CultureInfo.InvariantCulture, $"Values are nested more than {MaximumDepth} levels deep here. Write it flatter."));
            return;
        }

        // The parser gives an implicit mapping inside a flow sequence no place; its first key has one.
        var known = start.Start.Index == 0 && open.Count > 0 ? default : position;
        last = position.Line > last.Line ? position : last;
        var anchor = AnchorOf(start);
        if (anchor is not null)
        {
            anchors[anchor] = null;
        }

        open.Push(new YamlFrame(known, anchor, isMapping, errors));
    }

    private void Complete(YamlNode node, string? anchor)
    {
        if (anchor is not null)
        {
            anchors[anchor] = node;
        }

        if (open.TryPeek(out var frame))
        {
            frame.Add(node);
            if (hasAliases && (frame.Size > MaximumExpandedNodes || frame.Length > MaximumExpandedLength))
            {
                Refuse(last, string.Create(CultureInfo.InvariantCulture, $"Aliases expand to more than {MaximumExpandedNodes:N0} values or {MaximumExpandedLength / 1024 / 1024} MB here. Write the values out, or fewer of them."));
            }
        }
        else
        {
            root = node;
        }
    }

    private void Expand(AnchorAlias alias)
    {
        last = At(alias.Start);
        var name = alias.Value.Value;
        if (!anchors.TryGetValue(name, out var node))
        {
            Refuse(last, $"The alias '*{name}' has no anchor '&{name}' before it.", Spelling.Nearest(name, anchors.Keys) is { } near ? "*" + near : null);
        }
        else if (node is null)
        {
            Refuse(last, $"The alias '*{name}' stands inside its own anchor, so it would never end. Write the value out.");
        }
        else if (open.Count + node.Height > MaximumDepth)
        {
            Refuse(last, string.Create(CultureInfo.InvariantCulture, $"With the alias '*{name}' values are nested more than {MaximumDepth} levels deep. Write it flatter."));
        }
        else
        {
            hasAliases = true;
            Complete(node, null);
        }
    }

    private YamlScalar Build(Scalar scalar)
    {
        var position = At(scalar.Start);
        last = position;
        CheckTag(scalar, position);
        CheckCharacters(scalar.Value, position);
        return YamlScalarText.Locate(text, scalar, position);
    }

    private void CheckTag(NodeEvent node, SourcePosition position)
    {
        if (!node.Tag.IsEmpty && !node.Tag.IsNonSpecific)
        {
            errors.Report(position, $"The tag '{node.Tag.Value}' is not supported: each key says itself what its value is. Remove the tag.");
        }
    }

    private void CheckCharacters(string value, SourcePosition position)
    {
        if (value.Contains('\0', StringComparison.Ordinal))
        {
            errors.Report(position, "An escape here stands for the character U+0000, which PostgreSQL cannot hold in a text. Remove it.");
        }
    }

    private static string? AnchorOf(NodeEvent node) => node.Anchor.IsEmpty ? null : node.Anchor.Value;

    private SourcePosition At(Mark mark) => new(file, (int)mark.Line, (int)mark.Column);

    private void Refuse(SourcePosition position, string message, string? suggestion = null)
    {
        errors.Report(position, message, suggestion);
        isRefused = true;
    }
}
