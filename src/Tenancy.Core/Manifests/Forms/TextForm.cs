using Tenancy.Core.Manifests.Yaml;

namespace Tenancy.Core.Manifests.Forms;

/// <summary>A text. Whatever the scalar looks like (<c>0012e4</c>, <c>no</c>), it is taken as written.</summary>
/// <param name="expected">What is expected, for messages.</param>
/// <param name="validate">Gives what is wrong with a text and where in it, or null.</param>
/// <param name="pattern">A regular expression for the JSON Schema, or null.</param>
/// <param name="isSql">True for SQL: its white space and comments do not count for the checksum.</param>
internal sealed class TextForm(string expected, Func<string, TextFault?>? validate = null, string? pattern = null, bool isSql = false) : ValueForm
{
    /// <inheritdoc/>
    public override string Expected => expected;

    /// <summary>A regular expression that every legal text matches, or null.</summary>
    public string? Pattern => pattern;

    /// <summary>True where no legal text looks like a number or a boolean to YAML.</summary>
    public bool IsNeverNumber { get; init; }

    /// <summary>The most characters that a legal text can have; null for no limit.</summary>
    public int? MaximumLength { get; init; }

    /// <summary>True where an empty text is one too.</summary>
    public bool MayBeEmpty { get; init; }

    /// <inheritdoc/>
    public override bool Fits(YamlNode node) => node is YamlScalar;

    /// <inheritdoc/>
    public override void Write(YamlNode node, CanonicalWriter writer)
    {
        var value = ((YamlScalar)node).Value;
        if (isSql)
        {
            writer.Sql(value);
        }
        else
        {
            writer.Text(value);
        }
    }

    /// <inheritdoc/>
    protected override void CheckContent(YamlNode node, string name, FormCheck check)
    {
        var scalar = (YamlScalar)node;
        if (string.IsNullOrWhiteSpace(scalar.Value) && !MayBeEmpty)
        {
            check.Errors.Report(scalar.Position, $"{name} is empty. Write {expected}.");
        }
        else if (validate?.Invoke(scalar.Value) is { } fault)
        {
            check.Errors.Report(fault.Offset > 0 ? scalar.Text.PositionAt(fault.Offset) : scalar.Position, $"{name} {fault.Message}", fault.Suggestion);
        }
    }
}

/// <summary>What is wrong with a text.</summary>
/// <param name="Message">The rest of a sentence that begins with the key's name, and what to write instead.</param>
/// <param name="Offset">Where in the text; 0 for all of it.</param>
/// <param name="Suggestion">The nearest legal spelling, or null.</param>
internal sealed record TextFault(string Message, int Offset = 0, string? Suggestion = null);
