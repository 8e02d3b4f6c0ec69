namespace Tenancy.Core.Tests.Examples;

/// <summary>What the repository shows its readers, found from the tests' own folder upwards.</summary>
internal static class ExampleFiles
{
    private static readonly string Root = FindRoot();

    internal static string Saas => Path.Combine(Root, "examples", "saas");

    internal static string Docs => Path.Combine(Root, "docs");

    internal static string Help => Path.Combine(Root, "src", "TenancyMigrate", "Help");

    internal static string Readme => Path.Combine(Root, "README.md");

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Tenancy.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException($"No checkout above {AppContext.BaseDirectory}.");
        }

        return folder.FullName;
    }
}
