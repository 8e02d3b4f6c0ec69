using System.Globalization;
using System.Text.RegularExpressions;
using NuGet.Versioning;

namespace TenancyMigrate.Packaging;

/// <summary>What the module manifest says of the module.</summary>
internal sealed partial class ModuleManifest
{
    private readonly string path;
    private readonly IReadOnlyDictionary<string, object?> fields;
    private readonly IReadOnlyDictionary<string, object?> gallery;

    private ModuleManifest(string path)
    {
        this.path = path;
        fields = DataFile.Read(path);
        gallery = Table(Table(fields, "PrivateData"), "PSData");
    }

    /// <summary>The module's name, which is that of the file.</summary>
    public string Name => Path.GetFileNameWithoutExtension(path);

    /// <summary>ModuleVersion, with Prerelease behind it where there is one.</summary>
    public NuGetVersion Version => NuGetVersion.Parse(gallery.GetValueOrDefault("Prerelease") is string label ? $"{FolderVersion}-{label}" : FolderVersion);

    /// <summary>ModuleVersion: the name of the folder that PowerShell looks for.</summary>
    public string FolderVersion => Text("ModuleVersion");

    public string Author => Text("Author");

    public string CompanyName => Text("CompanyName");

    public string Copyright => Text("Copyright");

    public string Description => Text("Description");

    public string ReleaseNotes => GalleryText("ReleaseNotes");

    public string LicenseUri => GalleryText("LicenseUri");

    public IReadOnlyList<string> Tags => Texts(gallery, "Tags");

    public IReadOnlyList<string> Cmdlets => Texts(fields, "CmdletsToExport");

    /// <summary>Every key as it stands there.</summary>
    public IReadOnlyDictionary<string, object?> Fields => fields;

    /// <summary>Every key of PrivateData.PSData, which galleries read.</summary>
    public IReadOnlyDictionary<string, object?> Gallery => gallery;

    /// <summary>Reads a .psd1.</summary>
    public static ModuleManifest Read(string path) => new(path);

    /// <summary>The day of this version in a changelog. The files of the package bear it, so that the same commit gives the same bytes.</summary>
    /// <exception cref="PackagingException">The version has no section with a date.</exception>
    public DateTimeOffset FindRelease(string changelog)
    {
        var day = Section().Matches(File.ReadAllText(changelog)).FirstOrDefault(section => section.Groups["version"].Value == Version.ToNormalizedString())?.Groups["day"].Value
            ?? throw new PackagingException($"{changelog}: there is no section \"## [{Version}] - yyyy-mm-dd\", and {path} says that this is the version.");
        return DateTimeOffset.ParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
    }

    private static IReadOnlyDictionary<string, object?> Table(IReadOnlyDictionary<string, object?> parent, string key) =>
        parent.GetValueOrDefault(key) as IReadOnlyDictionary<string, object?> ?? new Dictionary<string, object?>();

    private string Text(string key) => fields.GetValueOrDefault(key) as string ?? throw Lacks(key);

    private string GalleryText(string key) => gallery.GetValueOrDefault(key) as string ?? throw Lacks("PrivateData.PSData." + key);

    private static IReadOnlyList<string> Texts(IReadOnlyDictionary<string, object?> parent, string key) =>
        parent.GetValueOrDefault(key) switch
        {
            object?[] several => [.. several.OfType<string>()],
            string one => [one],
            _ => [],
        };

    private PackagingException Lacks(string key) => new($"{path} has no text {key}.");

    [GeneratedRegex(@"^## \[(?<version>[^\]]+)\] - (?<day>\d{4}-\d\d-\d\d)\r?$", RegexOptions.Multiline)]
    private static partial Regex Section();
}
