namespace TenancyMigrate.Tests.Hosting;

/// <summary>Where the module under test is: the checkout that these tests were built from.</summary>
internal static class Repository
{
    private const string ManifestName = "TenancyMigrate.psd1";

    /// <summary>The root folder.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The module manifest.</summary>
    public static string Manifest { get; } = Path.Combine(Root, ManifestName);

    private static string FindRoot()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, ManifestName)))
            {
                return folder;
            }
        }

        throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} has a {ManifestName}.");
    }
}
