using System.Text;

namespace TenancyMigrate.Packaging;

/// <summary>The licences of the packages that the module brings, with their texts.</summary>
internal static class ThirdPartyNotices
{
    /// <summary>The file's name in the module.</summary>
    public const string FileName = "THIRD-PARTY-NOTICES.txt";

    private static readonly string Line = new('=', 80);

    /// <summary>The text of the file.</summary>
    /// <exception cref="PackagingException">There is no text of a package's licence.</exception>
    public static string Write(string module, IReadOnlyList<ShippedPackage> packages)
    {
        var text = new StringBuilder().Append(module).Append(" brings the packages below, unchanged, in bin/deps. Each is under its own licence, which follows.\n");

        // Packages of one project come with the same texts, and long ones.
        foreach (var alike in packages.GroupBy(static package => (Licence: ReadLicence(package), Notices: ReadNotices(package))))
        {
            text.Append('\n').Append(Line).Append("\n\n");
            foreach (var package in alike)
            {
                text.Append(package.Name).Append(' ').Append(package.Version).Append(" (").AppendJoin(", ", package.Files.Select(Path.GetFileName)).Append(")\n")
                    .Append("    ").Append(package.Nuspec.GetCopyright()).Append('\n')
                    .Append("    ").Append(package.Nuspec.GetProjectUrl()).Append('\n')
                    .Append("    Licence: ").Append(package.Licence).Append("\n\n");
            }

            text.Append(alike.Key.Licence);
            if (alike.Key.Notices is { } notices)
            {
                text.Append("\nWhat they bring in turn:\n\n").Append(notices);
            }
        }

        return text.ToString();
    }

    // The text in the package; else the one kept here for it, or for its licence; of several licences the first that there is a text of.
    private static string ReadLicence(ShippedPackage package)
    {
        if (Find(package, "LICENSE*") is { } own)
        {
            return own;
        }

        var kept = package.Licence.Split(" OR ").SelectMany(licence => new[] { $"{package.Name}.{licence}.txt", $"{licence}.txt" }).Select(ReadKept).FirstOrDefault(static text => text is not null)
            ?? throw new PackagingException($"{package.Name} {package.Version} is under {package.Licence} and brings no text of it: put one into src/TenancyMigrate.Packaging/Licences, as {package.Licence}.txt.");
        return kept.Replace("{copyright}", package.Nuspec.GetCopyright(), StringComparison.Ordinal);
    }

    private static string? ReadNotices(ShippedPackage package) => Find(package, "THIRD-PARTY-NOTICES*");

    private static string? Find(ShippedPackage package, string pattern) =>
        Directory.GetFiles(package.Folder, pattern, new EnumerationOptions { MatchCasing = MatchCasing.CaseInsensitive }).Order(StringComparer.Ordinal).FirstOrDefault() is { } file ? Tidy(File.ReadAllText(file)) : null;

    private static string? ReadKept(string name)
    {
        using var stream = typeof(ThirdPartyNotices).Assembly.GetManifestResourceStream(name);
        return stream is null ? null : Tidy(new StreamReader(stream).ReadToEnd());
    }

    private static string Tidy(string text) => text.ReplaceLineEndings("\n").Trim() + "\n";
}
