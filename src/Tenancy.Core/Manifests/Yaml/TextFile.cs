using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Tenancy.Core.Manifests.Yaml;

/// <summary>Reads a manifest or SQL file as text: UTF-8 only, of limited size, with line feeds only, and without what would show a reader another text than is run.</summary>
internal static class TextFile
{
    /// <summary>Bytes that a file may have.</summary>
    public const long MaximumLength = 10 * 1024 * 1024;

    /// <summary>Reads a file.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="shown">Its name for errors.</param>
    /// <param name="errors">Takes why it cannot be read.</param>
    /// <param name="isMachineMade">True for what nobody reads, a dump say: then it may have characters that turn round the text beside them.</param>
    /// <returns>Its text; null when it cannot be read.</returns>
    public static string? Read(string path, SourcePosition shown, ErrorList errors, bool isMachineMade = false)
    {
        byte[] bytes;
        try
        {
            var length = new FileInfo(path).Length;
            if (length > MaximumLength)
            {
                errors.Report(shown, string.Create(CultureInfo.InvariantCulture, $"The file has {length:N0} bytes; at most {MaximumLength:N0} (10 MB) are read. Split it, or load bulk data by other means."));
                return null;
            }

            // A named pipe has length 0, and opening it would wait for its writer.
            bytes = length == 0 ? [] : File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            errors.Report(shown, $"The file cannot be read: {exception.Message}");
            return null;
        }

        var text = Decode(bytes, shown, errors);
        return text is null || isMachineMade || !IsTurned(text, shown, errors) ? text : null;
    }

    private static bool IsTurned(string text, SourcePosition shown, ErrorList errors)
    {
        for (var at = 0; at < text.Length; at++)
        {
            if (IsTurning(text[at]))
            {
                var code = ((int)text[at]).ToString("x4", CultureInfo.InvariantCulture);
                errors.Report(
                    shown with { Line = text.AsSpan(0, at).Count('\n') + 1, Column = at == 0 ? 1 : at - text.LastIndexOf('\n', at - 1) },
                    $"The character U+{code.ToUpperInvariant()} here turns round what stands beside it, so that a reader sees another text than what is run. Remove it; as data, write its code: \"\\u{code}\" in YAML, U&'\\{code}' in SQL.");
                return true;
            }
        }

        return false;
    }

    /// <summary>The text of some bytes.</summary>
    public static string? Decode(ReadOnlySpan<byte> bytes, SourcePosition shown, ErrorList errors)
    {
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || bytes.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
        {
            errors.Report(shown, "The file is UTF-16 (its first two bytes say so). Save it as UTF-8.");
            return null;
        }

        var mark = bytes.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? 3 : 0;
        bytes = bytes[mark..];

        var zero = bytes.IndexOf((byte)0);
        var characters = new char[bytes.Length];
        var status = Utf8.ToUtf16(bytes, characters, out var read, out var written, replaceInvalidSequences: false);
        if (zero >= 0 || status != OperationStatus.Done)
        {
            var bad = zero >= 0 ? Math.Min(zero, read) : read;
            var line = bytes[..bad].Count((byte)'\n') + 1;
            errors.Report(shown with { Line = line, Column = 0 }, string.Create(CultureInfo.InvariantCulture, $"The file is not UTF-8 text: byte {mark + bad + 1} is 0x{bytes[bad]:X2}. Save it as UTF-8."));
            return null;
        }

        return NormalizeLines(new string(characters, 0, written));
    }

    /// <summary>True for a character that turns round what stands beside it: an embedding, override or isolate of direction (Unicode, UAX 9; CVE-2021-42574).</summary>
    public static bool IsTurning(char character) => character is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');

    /// <summary>The text with line feeds only, so that Windows and Linux agree.</summary>
    public static string NormalizeLines(string text) => text.Contains('\r', StringComparison.Ordinal)
        ? text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n')
        : text;
}
