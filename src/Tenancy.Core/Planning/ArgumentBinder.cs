using System.Globalization;
using Tenancy.Core.Manifests;
using Tenancy.Model;

namespace Tenancy.Core.Planning;

/// <summary>Checks the arguments of a run against what the manifests declare, before anything runs.</summary>
internal static class ArgumentBinder
{
    /// <summary>The arguments whose values must not be shown, by name.</summary>
    /// <param name="manifests">The manifests that declare them.</param>
    public static HashSet<string> SecretNames(IEnumerable<Manifest> manifests) =>
        manifests.SelectMany(static manifest => manifest.Arguments).Where(static argument => argument.IsSecret).Select(static argument => argument.Name).ToHashSet(StringComparer.Ordinal);

    /// <summary>The values for <c>${x.key}</c>: those given, and the defaults.</summary>
    /// <param name="manifests">The manifests that are to run.</param>
    /// <param name="all">All manifests of the project: an argument that only another one declares is no mistake.</param>
    /// <param name="given">The run's arguments.</param>
    /// <exception cref="TenancyException"><c>UnknownArgument</c>, <c>MissingArgument</c> or <c>InvalidArgument</c>.</exception>
    public static Dictionary<string, string> Bind(IEnumerable<Manifest> manifests, IEnumerable<Manifest> all, IReadOnlyDictionary<string, string> given)
    {
        var known = all.SelectMany(static manifest => manifest.Arguments).Select(static argument => argument.Name).ToHashSet(StringComparer.Ordinal);
        if (given.Keys.FirstOrDefault(key => !known.Contains(key)) is { } unknown)
        {
            var nearest = Spelling.Nearest(unknown, known);
            throw new TenancyException("UnknownArgument", $"No manifest declares the argument '{unknown}'.", nearest is null ? "Leave it out, or declare it under 'arguments'." : $"Did you mean '{nearest}'?");
        }

        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var manifest in manifests)
        {
            foreach (var argument in manifest.Arguments)
            {
                var value = given.GetValueOrDefault(argument.Name) ?? argument.Default
                    ?? throw new TenancyException("MissingArgument", $"{manifest.Path} needs the argument '{argument.Name}'{(argument.Description is null ? "" : $" ({argument.Description})")}.", $"Give -Argument @{{ {argument.Name} = '…' }}.");
                Check(manifest, argument, value);
                values[argument.Name] = value;
            }
        }

        return values;
    }

    private static void Check(Manifest manifest, ArgumentDeclaration argument, string value)
    {
        var isOfType = argument.Type switch
        {
            "integer" => long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
            "number" => decimal.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _),
            "boolean" => value is "true" or "false",
            "identifier" => value.Length > 0 && System.Text.Encoding.UTF8.GetByteCount(value) <= 63,
            _ => true,
        };
        var shown = argument.IsSecret ? "The value" : $"'{value}'";
        if (!isOfType)
        {
            throw new TenancyException("InvalidArgument", $"{shown} for the argument '{argument.Name}' of {manifest.Path} is not of type {argument.Type}.", "Give a value of that type.");
        }

        if (!argument.Allowed.IsEmpty && !argument.Allowed.Contains(value))
        {
            throw new TenancyException("InvalidArgument", $"{shown} for the argument '{argument.Name}' of {manifest.Path} is not allowed.", $"Give one of {string.Join(", ", argument.Allowed)}.");
        }
    }
}
