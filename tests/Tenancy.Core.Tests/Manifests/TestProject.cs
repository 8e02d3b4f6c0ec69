using System.Collections.Immutable;
using System.Text;
using Tenancy.Core.Manifests;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Manifests;

/// <summary>A project in a temporary folder.</summary>
internal sealed class TestProject : IDisposable
{
    public TestProject(string projectFile = "fleet: acme")
    {
        Folder = Directory.CreateTempSubdirectory("tenancy-project-").FullName;
        Write("tenancy.yaml", projectFile);
    }

    public string Folder { get; }

    public static TenancyProject Standard { get; } = new() { Fleet = "acme", ManifestFolder = "/nowhere", Path = "/nowhere/tenancy.yaml" };

    /// <summary>Reads one manifest from a text.</summary>
    public static Manifest ReadText(string text) => ManifestReader.ReadText(text, "m.yaml", Standard);

    /// <summary>Reads a manifest with these operations up.</summary>
    public static Manifest ReadUp(string up, string rest = "down: []") => ReadText($"revision: r1\nup:\n{Indent(up)}\n{rest}\n");

    /// <summary>The errors of a text, as shown.</summary>
    public static IReadOnlyList<ManifestError> ErrorsOf(string text) => Assert.Throws<ManifestException>(() => ReadText(text)).Errors;

    /// <summary>The one error of a text, as shown.</summary>
    public static string ErrorOf(string text) => Assert.Single(ErrorsOf(text)).ToString();

    /// <summary>The one error of a manifest with these operations up.</summary>
    public static string ErrorOfUp(string up, string rest = "down: []") => ErrorOf($"revision: r1\nup:\n{Indent(up)}\n{rest}\n");

    /// <summary>The SQL of the operations up, for tenant <c>t1</c>.</summary>
    public static string[] SqlOf(IEnumerable<CompiledOperation> operations) =>
        [.. operations.SelectMany(static operation => operation.Statements).Select(static statement => statement.Template.Render(new() { TenantSchema = "t1", SharedSchema = "common", TenantName = "t1" }))];

    public TestProject Write(string name, string content) => Write(name, Encoding.UTF8.GetBytes(content));

    public TestProject Write(string name, byte[] content)
    {
        var path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return this;
    }

    public ImmutableArray<Manifest> ReadAll() => ManifestReader.ReadAll(ProjectReader.Read(Folder));

    /// <summary>All errors of the project, with paths from its folder.</summary>
    public IReadOnlyList<string> Errors() =>
        [.. Assert.Throws<ManifestException>(() => ReadAll()).Errors.Select(error => error.ToString().Replace(Folder + Path.DirectorySeparatorChar, "", StringComparison.Ordinal))];

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static string Indent(string text) => string.Join('\n', text.Split('\n').Select(static line => "  " + line));
}
