namespace Tenancy.Core.Manifests;

/// <summary>A manifest's file.</summary>
/// <param name="Path">Where it is, its links followed.</param>
/// <param name="Folder">The folder that it is named in, absolute: relative paths in it start there.</param>
/// <param name="Shown">The file, as the user would type it.</param>
internal sealed record ManifestFile(string Path, string Folder, string Shown);

/// <summary>Finds the manifests of a folder. Symbolic links may lead to other places in the folder, not out of it.</summary>
internal sealed class ManifestFolder
{
    private readonly string root;
    private readonly HashSet<string> excluded;
    private readonly HashSet<string> seen = new(StringComparer.Ordinal);
    private readonly List<ManifestFile> files = [];
    private readonly ErrorList errors;

    private ManifestFolder(string root, HashSet<string> excluded, ErrorList errors)
    {
        this.root = root;
        this.excluded = excluded;
        this.errors = errors;
    }

    /// <summary>All manifests, in ordinal order of their paths.</summary>
    /// <param name="folder">The folder, absolute.</param>
    /// <param name="shown">The folder, as the user would type it.</param>
    /// <param name="excluded">Real paths of YAML files that are none.</param>
    /// <param name="errors">Takes links out of the folder and folders that cannot be read.</param>
    public static IReadOnlyList<ManifestFile> Find(string folder, string shown, HashSet<string> excluded, ErrorList errors)
    {
        if (!Directory.Exists(folder))
        {
            errors.Report(new SourcePosition(shown, 0, 0), "There is no such folder for manifests. Create it, or set 'manifests' in the project file.");
            return [];
        }

        var search = new ManifestFolder(RealPath.Of(folder), excluded, errors);
        search.Walk(search.root, folder, shown);
        search.files.Sort(static (left, right) => string.CompareOrdinal(left.Shown.Replace('\\', '/'), right.Shown.Replace('\\', '/')));
        return search.files;
    }

    private void Walk(string real, string folder, string shown)
    {
        // A link to a folder above itself would make an endless path: each real folder is walked once.
        if (!seen.Add(real))
        {
            return;
        }

        FileSystemInfo[] entries;
        try
        {
            entries = new DirectoryInfo(real).GetFileSystemInfos();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            errors.Report(new SourcePosition(shown, 0, 0), $"The folder cannot be read: {exception.Message}");
            return;
        }

        // Real entries first, so that a file is named by its own path and not by a link to it.
        foreach (var entry in entries.OrderBy(static entry => IsLink(entry)).ThenBy(static entry => entry.Name, StringComparer.Ordinal))
        {
            if (!entry.Name.StartsWith('.') && !entry.Name.StartsWith('_'))
            {
                Visit(entry, Path.Combine(folder, entry.Name), Path.Combine(shown, entry.Name), folder);
            }
        }
    }

    private void Visit(FileSystemInfo entry, string path, string shown, string folder)
    {
        var real = entry.FullName;
        var isFolder = entry is DirectoryInfo;
        if (IsLink(entry))
        {
            if (!TryFollow(entry, shown, out real))
            {
                return;
            }

            isFolder = Directory.Exists(real);
        }

        if (isFolder)
        {
            Walk(real, path, shown);
        }
        else if (IsYaml(entry.Name) && !excluded.Contains(real) && seen.Add(real))
        {
            files.Add(new ManifestFile(real, folder, shown));
        }
    }

    private bool TryFollow(FileSystemInfo link, string shown, out string real)
    {
        real = "";
        var isOfInterest = IsYaml(link.Name) || Directory.Exists(link.FullName);
        try
        {
            real = RealPath.Of(link.FullName);
        }
        catch (IOException exception)
        {
            errors.Report(new SourcePosition(shown, 0, 0), $"The symbolic link cannot be followed: {exception.Message}");
            return false;
        }

        if (!RealPath.IsInside(root, real))
        {
            if (isOfInterest)
            {
                errors.Report(new SourcePosition(shown, 0, 0), $"The symbolic link leads out of the manifest folder, to '{real}'. Copy what it leads to into the folder, or begin its name with '_' to have it left alone.");
            }

            return false;
        }

        if (!File.Exists(real) && !Directory.Exists(real))
        {
            if (isOfInterest)
            {
                errors.Report(new SourcePosition(shown, 0, 0), $"The symbolic link leads to '{real}', which does not exist. Mend or remove it.");
            }

            return false;
        }

        return true;
    }

    private static bool IsLink(FileSystemInfo entry) => entry.Attributes.HasFlag(FileAttributes.ReparsePoint);

    private static bool IsYaml(string name) =>
        name.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".yml", StringComparison.OrdinalIgnoreCase);
}
