using Tenancy.Core.Manifests.Yaml;

namespace Tenancy.Core.Manifests;

/// <summary>Reads the SQL files of one manifest, each once.</summary>
/// <param name="folder">The manifest's folder; null for a stored text, which has its SQL files written in.</param>
/// <param name="shownFolder">The same, as the user would type it.</param>
/// <param name="root">The project's folder, its links followed: SQL files stay in it.</param>
internal sealed class SqlFiles(string? folder, string shownFolder, string root)
{
    private readonly Dictionary<string, SourceText?> read = new(StringComparer.Ordinal);

    /// <summary>The content of a file that has been read.</summary>
    public string this[string path] => read[path]!.Text;

    /// <summary>Reads a file.</summary>
    /// <param name="path">Its path as written, from the manifest's folder.</param>
    /// <param name="errors">Takes why it cannot be read.</param>
    /// <returns>Its text; null when it cannot be read.</returns>
    public SourceText? Read(YamlScalar path, ErrorList errors)
    {
        if (!read.TryGetValue(path.Value, out var text))
        {
            text = ReadFile(path, errors);
            read.Add(path.Value, text);
        }

        return text;
    }

    private SourceText? ReadFile(YamlScalar path, ErrorList errors)
    {
        if (folder is null)
        {
            errors.Report(path.Position, $"This text has no folder to find '{path.Value}' in. Write the SQL under 'sql'.");
            return null;
        }

        string real;
        try
        {
            real = RealPath.Of(Path.Combine(folder, path.Value));
        }
        catch (IOException exception)
        {
            errors.Report(path.Position, $"The SQL file '{path.Value}' cannot be read: {exception.Message}");
            return null;
        }

        if (!RealPath.IsInside(root, real))
        {
            errors.Report(path.Position, $"The SQL file '{path.Value}' lies outside the project's folder '{root}' (at '{real}'). Move it there.");
            return null;
        }

        if (!File.Exists(real))
        {
            errors.Report(path.Position, $"There is no SQL file '{path.Value}' in '{shownFolder}'.", NearestFile(real, path.Value));
            return null;
        }

        var start = new SourcePosition(Path.Combine(shownFolder, path.Value), 1, 1);
        return TextFile.Read(real, start with { Line = 0, Column = 0 }, errors) is { } content ? new SourceText(content, start) : null;
    }

    private static string? NearestFile(string real, string written)
    {
        var directory = Path.GetDirectoryName(real);
        return directory is not null && Directory.Exists(directory)
            && Spelling.Nearest(Path.GetFileName(real), Directory.EnumerateFiles(directory).Select(static file => Path.GetFileName(file))) is { } near
            ? written[..^Path.GetFileName(written).Length] + near
            : null;
    }
}
