using System.Buffers;
using Tenancy.Core.Manifests;

namespace Tenancy.Core.Sql;

/// <summary>What <c>${…}</c> stands for.</summary>
/// <param name="Kind">What it is filled with.</param>
/// <param name="Key">The key of <c>${x.key}</c>; else empty.</param>
/// <param name="IsQuoted">True for the forms that are a quoted identifier wherever they stand: <c>${tenant.quoted}</c>, <c>${shared.quoted}</c>.</param>
internal readonly record struct SqlPlaceholder(SqlSegmentKind Kind, string Key, bool IsQuoted)
{
    /// <summary>Nobody's name is longer; the bound keeps the search for a closing brace from growing with the text.</summary>
    private const int LongestName = 200;

    /// <summary>The closing brace, and what no placeholder holds.</summary>
    private static readonly SearchValues<char> Ends = SearchValues.Create("{}'\"\n$");

    private static readonly string[] Names = ["tenant.name", "tenant.schema", "tenant.quoted", "shared.schema", "shared.quoted"];

    /// <summary>True for a name, which stands as an identifier where code has it bare.</summary>
    public bool IsSchema => Kind is SqlSegmentKind.TenantSchema or SqlSegmentKind.SharedSchema;

    /// <summary>Length of the placeholder that begins at <paramref name="start"/> with <c>${</c>, braces included; null when nothing closes it.</summary>
    public static int? LengthAt(string text, int start)
    {
        var rest = text.AsSpan(start, Math.Min(text.Length - start, LongestName));
        var length = rest[2..].IndexOfAny(Ends);
        return length >= 0 && rest[2 + length] == '}' ? length + 3 : null;
    }

    /// <summary>True when what follows <c>${</c> begins like a placeholder that is known.</summary>
    public static bool BeginsAt(string text, int start)
    {
        var rest = text.AsSpan(start + 2);
        return rest.StartsWith("tenant.", StringComparison.OrdinalIgnoreCase) || rest.StartsWith("shared.", StringComparison.OrdinalIgnoreCase) || rest.StartsWith("x.", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Reads a placeholder.</summary>
    /// <param name="placeholder">The text with <c>${</c> and <c>}</c>.</param>
    /// <returns>What it stands for; null when it is none that is known.</returns>
    public static SqlPlaceholder? Parse(ReadOnlySpan<char> placeholder)
    {
        var name = placeholder[2..^1];
        return name switch
        {
            "tenant.name" => new(SqlSegmentKind.TenantName, "", false),
            "tenant.schema" => new(SqlSegmentKind.TenantSchema, "", false),
            "tenant.quoted" => new(SqlSegmentKind.TenantSchema, "", true),
            "shared.schema" => new(SqlSegmentKind.SharedSchema, "", false),
            "shared.quoted" => new(SqlSegmentKind.SharedSchema, "", true),
            _ when name.StartsWith("x.") && IsKey(name[2..]) => new(SqlSegmentKind.Argument, name[2..].ToString(), false),
            _ => null,
        };
    }

    /// <summary>The legal placeholder nearest to one that is unknown; null when none is near.</summary>
    public static string? Nearest(string placeholder)
    {
        var name = placeholder[2..^1].Trim();
        var nearest = name.StartsWith("x.", StringComparison.OrdinalIgnoreCase) && IsKey(name.AsSpan(2)) ? "x." + name[2..] : Spelling.Nearest(name, Names);
        return nearest is null ? null : "${" + nearest + "}";
    }

    /// <summary>The start of a text that may be long, for a message.</summary>
    public static string Shorten(string text) => text.Length <= 60 ? text : text[..60] + "…";

    private static bool IsKey(ReadOnlySpan<char> key)
    {
        if (key.IsEmpty || !(char.IsAsciiLetter(key[0]) || key[0] == '_'))
        {
            return false;
        }

        foreach (var character in key)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('_' or '-'))
            {
                return false;
            }
        }

        return true;
    }
}
