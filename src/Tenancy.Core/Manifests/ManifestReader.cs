using System.Collections.Immutable;
using Tenancy.Core.Manifests.Yaml;
using Tenancy.Core.Sql;
using Tenancy.Model;

namespace Tenancy.Core.Manifests;

/// <summary>Reads manifests. Connects to nothing.</summary>
public static class ManifestReader
{
    /// <summary>Errors listed of one file. What is no manifest at all has one in every line; nobody reads, and no console shows, millions of them.</summary>
    private const int MostErrors = 200;

    /// <summary>Reads every manifest of a project: all <c>.yaml</c> and <c>.yml</c> files in its folder and the folders below, but for names that begin with <c>_</c> or <c>.</c> and the project's own files.</summary>
    /// <param name="project">The project.</param>
    /// <param name="allowsDrafts">True to take manifests without operations too (<see cref="Manifest.IsDraft"/>): to look at and to write new ones, never to run.</param>
    /// <returns>The manifests, in the ordinal order of their paths.</returns>
    /// <exception cref="ManifestException">Any of them cannot be read: carries the errors of all, by file and line.</exception>
    public static ImmutableArray<Manifest> ReadAll(TenancyProject project, bool allowsDrafts = false)
    {
        ArgumentNullException.ThrowIfNull(project);
        var projectFile = Path.GetFullPath(project.Path);
        var projectFolder = Path.GetDirectoryName(projectFile)!;
        HashSet<string> excluded = new(StringComparer.Ordinal) { RealPath.Of(projectFile) };
        foreach (var file in new[] { project.Tenants?.File, project.RolloutFile }.OfType<string>())
        {
            excluded.Add(RealPath.Of(file));
        }

        var errors = new ErrorList();
        var files = ManifestFolder.Find(project.ManifestFolder, ShownFolder(project), excluded, errors);
        var manifests = new Manifest?[files.Count];
        var found = new ErrorList[files.Count];
        var root = RealPath.Of(projectFolder);
        var compiler = new SqlCompiler(project.Tokens);
        Parallel.For(0, files.Count, index =>
        {
            found[index] = [];
            manifests[index] = Read(files[index], root, compiler, found[index], allowsDrafts);
        });

        ReportDuplicates(manifests, errors);
        ThrowIfAny(errors.Concat(found.SelectMany(First)));
        return [.. manifests.Select(static manifest => manifest!)];
    }

    /// <summary>Reads one manifest from a text, such as the <see cref="Manifest.CanonicalText"/> that history keeps.</summary>
    /// <param name="text">YAML, or JSON, which is YAML.</param>
    /// <param name="name">What to call it in errors.</param>
    /// <param name="project">The project.</param>
    /// <param name="allowsDrafts">As in <see cref="ReadAll"/>.</param>
    /// <exception cref="ManifestException">It cannot be read; also when it names an SQL file, which a text has no folder for.</exception>
    public static Manifest ReadText(string text, string name, TenancyProject project, bool allowsDrafts = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(project);
        var errors = new ErrorList();
        var manifest = ManifestBuilder.Read(TextFile.NormalizeLines(text), name, new SqlCompiler(project.Tokens), new SqlFiles(null, "", ""), errors, allowsDrafts);
        ThrowIfAny(errors);
        return manifest!;
    }

    /// <summary>The folder of a project's manifests, as the user would type it.</summary>
    internal static string ShownFolder(TenancyProject project)
    {
        var relative = Path.GetRelativePath(Path.GetDirectoryName(Path.GetFullPath(project.Path))!, project.ManifestFolder);
        return Path.Combine(Path.GetDirectoryName(project.Path) ?? "", relative == "." ? "" : relative);
    }

    /// <summary>Throws all errors, by file and place, if there are any.</summary>
    internal static void ThrowIfAny(IEnumerable<ManifestError> errors)
    {
        var sorted = errors.OrderBy(static error => error.File, StringComparer.Ordinal).ThenBy(static error => error.Line).ThenBy(static error => error.Column).ToList();
        if (sorted.Count > 0)
        {
            throw new ManifestException(sorted);
        }
    }

    private static IEnumerable<ManifestError> First(ErrorList errors)
    {
        var inOrder = errors.OrderBy(static error => error.Line).ThenBy(static error => error.Column);
        return errors.Count <= MostErrors ? errors : inOrder.Take(MostErrors).Select((error, index) =>
            index < MostErrors - 1 ? error : error with { Message = $"{error.Message} (There are {errors.Count} errors in this file: the rest are not listed.)" });
    }

    private static Manifest? Read(ManifestFile file, string root, SqlCompiler compiler, ErrorList errors, bool allowsDrafts)
    {
        var text = TextFile.Read(file.Path, new SourcePosition(file.Shown, 0, 0), errors);
        var files = new SqlFiles(file.Folder, Path.GetDirectoryName(file.Shown) ?? "", root);
        return text is null ? null : ManifestBuilder.Read(text, file.Shown, compiler, files, errors, allowsDrafts);
    }

    private static void ReportDuplicates(IEnumerable<Manifest?> manifests, ErrorList errors)
    {
        foreach (var group in manifests.OfType<Manifest>().GroupBy(static manifest => manifest.Revision, StringComparer.Ordinal))
        {
            var first = group.First();
            foreach (var other in group.Skip(1))
            {
                errors.Report(other.Position, $"The revision '{other.Revision}' is in two files: {first.Position} and {other.Position}. Give one of them a new id.");
            }
        }
    }
}
