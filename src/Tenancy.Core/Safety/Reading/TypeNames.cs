using System.Globalization;
using System.Text.RegularExpressions;

namespace Tenancy.Core.Safety.Reading;

/// <summary>Data types by their names: which change of type leaves the rows as they are.</summary>
internal static partial class TypeNames
{
    /// <summary>A type by its usual name (manual, table 8.1).</summary>
    /// <param name="type">The type in small letters.</param>
    public static string Usual(string type)
    {
        var match = Form().Match(type);
        if (!match.Success)
        {
            return type;
        }

        var name = match.Groups["name"].Value.Trim() switch
        {
            "character varying" => "varchar",
            "character" or "char" => "bpchar",
            "bit varying" => "varbit",
            "decimal" => "numeric",
            "int" or "int4" => "integer",
            "int8" => "bigint",
            "int2" => "smallint",
            "bool" => "boolean",
            "float8" => "double precision",
            "float4" => "real",
            "timestamp with time zone" => "timestamptz",
            "timestamp without time zone" => "timestamp",
            "time without time zone" => "time",
            "time with time zone" => "timetz",
            var other => other,
        };
        var rest = match.Groups["rest"].Value.Trim();
        // timestamp(3) with time zone
        name = (name, rest) switch { ("timestamp", "with time zone") => "timestamptz", ("time", "with time zone") => "timetz", _ => name };
        return name + match.Groups["modifier"].Value.Replace(" ", "", StringComparison.Ordinal) + (rest.StartsWith('[') ? rest : "");
    }

    /// <summary>
    /// True where ALTER TYPE changes the catalog only: equal types, text and varchar of any or a longer length, numeric of more digits and the same scale, times of more digits, cidr to inet
    /// (manual, ALTER TABLE, notes; each is one of the server's transform functions or a cast without a function).
    /// </summary>
    /// <param name="from">The type before, by its usual name.</param>
    /// <param name="to">The type after, by its usual name.</param>
    public static bool KeepsRows(string from, string to)
    {
        if (from == to)
        {
            return true;
        }

        var (oldName, oldModifier) = Split(from);
        var (newName, newModifier) = Split(to);
        return (oldName, newName) switch
        {
            ("varchar" or "text", "text") => true,
            ("text", "varchar") => newModifier is null,
            ("varchar", "varchar") or ("varbit", "varbit") => newModifier is null || (oldModifier is [var before] && newModifier is [var after] && after >= before),
            ("numeric", "numeric") => newModifier is null || (oldModifier is [var digits, ..] && newModifier[0] >= digits && Scale(oldModifier) == Scale(newModifier)),
            ("timestamp", "timestamp") or ("timestamptz", "timestamptz") or ("time", "time") or ("timetz", "timetz") or ("interval", "interval") => newModifier is null || (oldModifier is [var precision] && newModifier is [var more] && more >= precision),
            ("cidr", "inet") => true,
            _ => false,
        };
    }

    private static int Scale(int[] modifier) => modifier.Length > 1 ? modifier[1] : 0;

    private static (string Name, int[]? Modifier) Split(string type)
    {
        var open = type.IndexOf('(', StringComparison.Ordinal);
        if (open < 0 || !type.EndsWith(')'))
        {
            return (type, null);
        }

        var numbers = type[(open + 1)..^1].Split(',');
        return Array.TrueForAll(numbers, static number => int.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
            ? (type[..open], Array.ConvertAll(numbers, static number => int.Parse(number, CultureInfo.InvariantCulture)))
            : (type, null);
    }

    [GeneratedRegex(@"^(?<name>[a-z0-9_ ]+?)\s*(?<modifier>\([^)]*\))?(?<rest>\s[a-z ]+|(\[\d*\])+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
