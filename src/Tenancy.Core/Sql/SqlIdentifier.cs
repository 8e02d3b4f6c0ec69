using System.Text;
using Tenancy.Model;

namespace Tenancy.Core.Sql;

/// <summary>Names in SQL. Every identifier that the engine writes goes through <see cref="Quote(string)"/>.</summary>
public static class SqlIdentifier
{
    /// <summary>Bytes of UTF-8 that a name may have: <c>NAMEDATALEN - 1</c>. PostgreSQL cuts longer ones in silence, so two could become one (manual, 4.1.1).</summary>
    public const int MaxBytes = 63;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The name as a quoted identifier, always with quotes.</summary>
    /// <param name="name">The name, unquoted.</param>
    /// <exception cref="TenancyException"><c>InvalidName</c>: it is empty, holds NUL, is no valid Unicode or is longer than <see cref="MaxBytes"/>.</exception>
    public static string Quote(string name)
    {
        Check(name);
        return '"' + name.Replace("\"", "\"\"", StringComparison.Ordinal) + '"';
    }

    /// <summary>A qualified name, both parts quoted.</summary>
    /// <param name="schema">The schema, unquoted.</param>
    /// <param name="name">The name, unquoted.</param>
    /// <exception cref="TenancyException"><c>InvalidName</c>, as <see cref="Quote(string)"/>.</exception>
    public static string Quote(string schema, string name) => Quote(schema) + "." + Quote(name);

    /// <summary>Checks that PostgreSQL can have a thing of this name.</summary>
    /// <param name="name">The name, unquoted.</param>
    /// <exception cref="TenancyException"><c>InvalidName</c>: it is empty, holds NUL, is no valid Unicode or is longer than <see cref="MaxBytes"/>.</exception>
    public static void Check(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length == 0)
        {
            throw Invalid("A name is empty.", "Give every tenant and every object a name.");
        }

        if (name.Contains('\0', StringComparison.Ordinal))
        {
            throw Invalid($"The name '{name.Replace("\0", "\\0", StringComparison.Ordinal)}' holds a NUL character, which PostgreSQL cannot store.", "Remove the character.");
        }

        int bytes;
        try
        {
            bytes = Strict.GetByteCount(name);
        }
        catch (EncoderFallbackException)
        {
            throw Invalid($"The name '{name}' is no valid Unicode: it holds half of a surrogate pair.", "Mend the name where it comes from.");
        }

        if (bytes > MaxBytes)
        {
            throw Invalid($"The name '{name}' has {bytes} bytes in UTF-8; PostgreSQL keeps {MaxBytes} and would cut it.", "Shorten the name.");
        }
    }

    /// <summary>The name that an identifier token stands for: unquoted folded to lower case, quoted without its quotes.</summary>
    /// <param name="token">The token as written.</param>
    public static string Unquote(ReadOnlySpan<char> token) =>
        token.Length >= 2 && token[0] == '"' && token[^1] == '"'
            ? token[1..^1].ToString().Replace("\"\"", "\"", StringComparison.Ordinal)
            : string.Create(token.Length, token.ToString(), static (target, source) =>
            {
                for (var index = 0; index < source.Length; index++)
                {
                    target[index] = char.IsAsciiLetterUpper(source[index]) ? (char)(source[index] | 0x20) : source[index];
                }
            });

    private static TenancyException Invalid(string message, string action) => new("InvalidName", message, action);
}
