using System.Collections.Immutable;
using System.Text;
using Tenancy.Model;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>A text file of renames: one a line, as <see cref="ObjectRename.Parse"/> takes them. What follows a # outside of double quotes is for people.</summary>
public static class RenameFile
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>Reads it.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The renames as texts, in order.</returns>
    /// <exception cref="TenancyException"><c>RenameFileNotFound</c>; <c>InvalidRename</c>, with the line, or where it is no text in UTF-8.</exception>
    public static ImmutableArray<string> Read(string path)
    {
        try
        {
            return [.. File.ReadLines(path, Strict).Select((line, index) => Read(path, line, index + 1)).OfType<string>()];
        }
        catch (DecoderFallbackException error)
        {
            throw new TenancyException("InvalidRename", $"The file of renames {path} is not UTF-8 text: {error.Message}", "Save it as UTF-8.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TenancyException("RenameFileNotFound", $"The file of renames {path} cannot be read: {error.Message}", "Check the path.", error);
        }
    }

    private static string? Read(string path, string line, int number)
    {
        var isQuoted = false;
        var end = 0;
        for (; end < line.Length && (isQuoted || line[end] != '#'); end++)
        {
            isQuoted ^= line[end] == '"';
        }

        var text = line[..end].Trim();
        try
        {
            return text.Length == 0 ? null : ObjectRename.Parse(text).ToString();
        }
        catch (TenancyException error)
        {
            throw new TenancyException(error.ErrorId, $"{path}:{number}: {error.Message}", error.RecommendedAction, error);
        }
    }
}
