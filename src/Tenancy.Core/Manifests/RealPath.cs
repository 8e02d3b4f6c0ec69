namespace Tenancy.Core.Manifests;

/// <summary>Paths with every symbolic link followed: whether a file lies in a folder can only be told of these.</summary>
internal static class RealPath
{
    /// <summary>As many links as Linux follows in a path (ELOOP).</summary>
    private const int MaximumLinks = 40;

    /// <summary>The path with every link in it followed. Parts that do not exist stay as they are.</summary>
    /// <param name="path">The path.</param>
    /// <exception cref="IOException">Links lead to each other, or cannot be read.</exception>
    public static string Of(string path)
    {
        var full = Path.GetFullPath(path);
        var current = Path.GetPathRoot(full)!;
        var rest = new Stack<string>(Parts(full[current.Length..]));
        var links = 0;
        while (rest.TryPop(out var part))
        {
            if (part == "..")
            {
                current = Path.GetDirectoryName(current) ?? current;
                continue;
            }

            var next = Path.Combine(current, part);
            if (part == "." || new FileInfo(next).LinkTarget is not { } target)
            {
                current = part == "." ? current : next;
                continue;
            }

            if (++links > MaximumLinks)
            {
                throw new IOException($"The links of '{path}' lead to each other.");
            }

            current = Path.IsPathRooted(target) ? Path.GetPathRoot(target)! : current;
            foreach (var step in Parts(Path.IsPathRooted(target) ? target[current.Length..] : target))
            {
                rest.Push(step);
            }
        }

        return current;
    }

    /// <summary>True when a real path lies in a real folder.</summary>
    public static bool IsInside(string folder, string path)
    {
        var relative = Path.GetRelativePath(folder, path);
        return relative != ".." && !relative.StartsWith($"..{Path.DirectorySeparatorChar}", StringComparison.Ordinal) && !Path.IsPathRooted(relative);
    }

    /// <summary>The parts of a path, the last first, as a stack wants them.</summary>
    private static IEnumerable<string> Parts(string path) =>
        Enumerable.Reverse(path.Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries));
}
