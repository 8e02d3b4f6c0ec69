using Tenancy.Core.Manifests.Yaml;

namespace Tenancy.Core.Manifests.Forms;

/// <summary>What a value of a manifest may look like. Checking, the canonical text and the JSON Schema all follow from it, so they cannot disagree.</summary>
internal abstract class ValueForm
{
    /// <summary>What is expected, for messages: <c>a list of names</c>.</summary>
    public abstract string Expected { get; }

    /// <summary>True when <c>null</c> means something here.</summary>
    public virtual bool AllowsNull => false;

    /// <summary>True when a value of this kind (scalar, list, mapping) could be right.</summary>
    public abstract bool Fits(YamlNode node);

    /// <summary>Checks a value and all within it.</summary>
    /// <param name="node">The value.</param>
    /// <param name="name">What to call it in messages, such as <c>'columns'</c>.</param>
    /// <param name="check">Takes the errors, and remembers which values have some.</param>
    public void Check(YamlNode node, string name, FormCheck check)
    {
        var before = check.Errors.Count;
        if (node is YamlScalar { IsNull: true } && !AllowsNull)
        {
            check.Errors.Report(node.Position, $"{name} has no value. Write {Expected}, or leave the key out.");
        }
        else if (!Fits(node))
        {
            check.Errors.Report(node.Position, $"{name} must be {Expected}, not {Describe(node)}.");
        }
        else
        {
            CheckContent(node, name, check);
        }

        if (check.Errors.Count > before)
        {
            check.Broken.Add(node);
        }
    }

    /// <summary>Writes a checked value in its canonical form.</summary>
    public abstract void Write(YamlNode node, CanonicalWriter writer);

    /// <summary>Checks a value of a fitting kind.</summary>
    protected abstract void CheckContent(YamlNode node, string name, FormCheck check);

    private static string Describe(YamlNode node) => node switch
    {
        YamlSequence => "a list",
        YamlMapping => "a mapping",
        YamlScalar scalar => $"'{(scalar.Value.Length <= 60 ? scalar.Value : scalar.Value[..60] + "…")}'",
        _ => throw new ArgumentOutOfRangeException(nameof(node)),
    };
}

/// <summary>What a check has found so far.</summary>
/// <param name="errors">Takes the errors.</param>
internal sealed class FormCheck(ErrorList errors)
{
    /// <summary>The errors.</summary>
    public ErrorList Errors { get; } = errors;

    /// <summary>Values that have an error in them: nothing is built from these.</summary>
    public HashSet<YamlNode> Broken { get; } = new(ReferenceEqualityComparer.Instance);
}
