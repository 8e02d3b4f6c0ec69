namespace TenancyMigrate.Packaging;

/// <summary>What of the module is to be signed: ours, of the kinds that Authenticode knows. What is not here is data, or others' and unchanged; a catalog covers it.</summary>
internal static class SigningList
{
    private static readonly string[] Assemblies = ["Tenancy.Core.dll", "Tenancy.Model.dll", "TenancyMigrate.dll"];

    /// <summary>Writes the list beside the module's folder, a path a line.</summary>
    /// <returns>The list's path.</returns>
    public static string Write(string folder, string destination)
    {
        var manifest = ModuleManifest.Read(Directory.GetFiles(folder, "*.psd1").Single());
        var path = Path.GetFullPath(Path.Combine(destination, $"{manifest.Name}.{manifest.Version.ToNormalizedString()}.sign.txt"));
        File.WriteAllText(path, string.Concat(Find(folder).Select(static file => file + "\n")));
        return path;
    }

    /// <summary>The files, relative to the module's folder, in a fixed order.</summary>
    public static IReadOnlyList<string> Find(string folder) =>
    [
        .. Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
            .Where(static file => Path.GetExtension(file) is ".psd1" or ".psm1" or ".ps1" or ".ps1xml" || Assemblies.Contains(Path.GetFileName(file)))
            .Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/'))
            .Order(StringComparer.Ordinal),
    ];
}
