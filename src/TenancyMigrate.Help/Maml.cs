using System.Globalization;
using System.Xml.Linq;

namespace TenancyMigrate.Help;

/// <summary>Writes PowerShell's help file.</summary>
internal static class Maml
{
    private static readonly XNamespace Help = "http://msh";
    private static readonly XNamespace Text = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    /// <summary>Writes the file.</summary>
    public static void Write(IEnumerable<CmdletHelp> cmdlets, string file)
    {
        var root = new XElement(
            Help + "helpItems",
            new XAttribute("schema", "maml"),
            new XAttribute(XNamespace.Xmlns + "maml", Text),
            new XAttribute(XNamespace.Xmlns + "command", Command),
            new XAttribute(XNamespace.Xmlns + "dev", Dev),
            cmdlets.Select(MakeCommand));
        new XDocument(new XDeclaration("1.0", "utf-8", null), root).Save(file);
    }

    private static XElement MakeCommand(CmdletHelp cmdlet) => new(
        Command + "command",
        new XElement(
            Command + "details",
            new XElement(Command + "name", cmdlet.Name),
            new XElement(Command + "verb", cmdlet.Verb),
            new XElement(Command + "noun", cmdlet.Noun),
            Paragraphs(Text + "description", [cmdlet.Synopsis])),
        Paragraphs(Text + "description", cmdlet.Description.Count > 0 ? cmdlet.Description : [cmdlet.Synopsis]),
        new XElement(Command + "syntax", cmdlet.Syntax.Select(set => new XElement(
            Command + "syntaxItem",
            new XElement(Text + "name", cmdlet.Name),
            set.Select(static parameter => MakeParameter(parameter, isSyntax: true))))),
        new XElement(Command + "parameters", cmdlet.Parameters.Select(static parameter => MakeParameter(parameter, isSyntax: false))),
        new XElement(
            Command + "inputTypes",
            cmdlet.Parameters.Where(static parameter => parameter.ByValue).Select(static parameter => TypeElement(Command + "inputType", parameter.Type?.FullName ?? "", parameter.Description))),
        new XElement(Command + "returnValues", cmdlet.Outputs.Select(static type => TypeElement(Command + "returnValue", type, ""))),
        new XElement(Command + "examples", cmdlet.Examples.Select(MakeExample)),
        new XElement(Command + "relatedLinks", cmdlet.Related.Select(static name => new XElement(Text + "navigationLink", new XElement(Text + "linkText", name), new XElement(Text + "uri")))));

    private static XElement MakeExample(Example example, int index) => new(
        Command + "example",
        new XElement(Text + "title", string.Create(CultureInfo.InvariantCulture, $"---------- Example {index + 1} ----------")),
        new XElement(Dev + "code", example.Code),
        // The second keeps the next example apart.
        Paragraphs(Dev + "remarks", [example.Text, ""]));

    private static XElement MakeParameter(ParameterHelp parameter, bool isSyntax) => new(
        Command + "parameter",
        new XAttribute("required", Word(parameter.IsRequired)),
        new XAttribute("globbing", Word(parameter.Wildcards)),
        new XAttribute("pipelineInput", parameter.PipelineInput),
        new XAttribute("position", parameter.Position is { } position ? position.ToString(CultureInfo.InvariantCulture) : "named"),
        new XAttribute("aliases", parameter.Aliases.Count > 0 ? string.Join(", ", parameter.Aliases) : "none"),
        new XElement(Text + "name", parameter.Name),
        Paragraphs(Text + "description", [parameter.Description]),
        isSyntax && parameter.Values.Count > 0
            ? new XElement(Command + "parameterValueGroup", parameter.Values.Select(static value => new XElement(Command + "parameterValue", new XAttribute("required", "false"), value)))
            : null,
        parameter.Type is null && isSyntax ? null : new XElement(Command + "parameterValue", new XAttribute("required", Word(parameter.Type is not null)), parameter.TypeName),
        new XElement(Dev + "type", new XElement(Text + "name", parameter.TypeName)),
        new XElement(Dev + "defaultValue", parameter.Type is null ? "False" : "None"));

    private static XElement TypeElement(XName name, string type, string description) =>
        new(name, new XElement(Dev + "type", new XElement(Text + "name", type)), Paragraphs(Text + "description", [description]));

    private static XElement Paragraphs(XName name, IEnumerable<string> texts) => new(name, texts.Select(static text => new XElement(Text + "para", text)));

    private static string Word(bool value) => value ? "true" : "false";
}
