namespace Tenancy.Core.Tests.Manifests;

/// <summary>The project in <c>tests/Tenancy.Core.Tests/Example</c>: between them its files use every key there is.</summary>
internal static class ExampleProject
{
    /// <summary>The root of the checkout.</summary>
    public static string RepositoryRoot { get; } = FindRoot();

    /// <summary>The project's folder.</summary>
    public static string Folder { get; } = Path.Combine(RepositoryRoot, "tests", "Tenancy.Core.Tests", "Example");

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Tenancy.sln")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }
}
