using System.Collections.Immutable;
using System.Globalization;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Manifests.Yaml;
using Tenancy.Core.Operations;

namespace Tenancy.Core.Manifests;

/// <summary>Reads <c>arguments</c>: what a manifest needs from a run.</summary>
internal static class ArgumentReader
{
    /// <summary>The declarations without errors.</summary>
    /// <param name="node">The mapping, or null.</param>
    /// <param name="check">Errors, and which values have some.</param>
    public static ImmutableArray<ArgumentDeclaration> Read(YamlNode? node, FormCheck check)
    {
        if (node is not YamlMapping map)
        {
            return [];
        }

        var declarations = ImmutableArray.CreateBuilder<ArgumentDeclaration>();
        foreach (var entry in map.Entries.Where(entry => !check.Broken.Contains(entry.Value)))
        {
            var fields = Fields.Of(entry.Value);
            var declaration = new ArgumentDeclaration(
                entry.Key.Value,
                fields.OptionalText("type") ?? "text",
                fields.OptionalText("default"),
                fields.Texts("allowed"),
                fields.Flag("secret"),
                fields.OptionalText("description"));
            CheckValues(declaration, fields, check.Errors);
            declarations.Add(declaration);
        }

        return declarations.DrainToImmutable();
    }

    private static void CheckValues(ArgumentDeclaration declaration, Fields fields, ErrorList errors)
    {
        foreach (var value in fields.Items("allowed").Concat(fields.Items("default")).Cast<YamlScalar>().Where(value => !Fits(declaration.Type, value.Value)))
        {
            errors.Report(value.Position, $"'{value.Value}' is no {declaration.Type}, as the argument '{declaration.Name}' must be. Change the value or the type.");
        }

        if (declaration.Default is { } standard && !declaration.Allowed.IsEmpty && !declaration.Allowed.Contains(standard))
        {
            errors.Report(fields.Node("default")!.Position, $"The default '{standard}' of '{declaration.Name}' is not among its allowed values.", Spelling.Nearest(standard, declaration.Allowed));
        }
    }

    private static bool Fits(string type, string value) => type switch
    {
        "integer" => long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
        "number" => decimal.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _),
        "boolean" => value is "true" or "false",
        "identifier" => CommonForms.CheckName(value) is null,
        _ => true,
    };
}
