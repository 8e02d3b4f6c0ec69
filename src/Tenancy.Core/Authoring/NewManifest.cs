using System.Text;
using Tenancy.Core.Revisions;
using Tenancy.Model;

namespace Tenancy.Core.Authoring;

/// <summary>A manifest that fits the project's graph and is not written yet.</summary>
/// <param name="Node">The revision, in the graph that has it.</param>
/// <param name="Text">What to write.</param>
public sealed record NewManifest(RevisionNode Node, string Text)
{
    /// <summary>The file, as the user would type it.</summary>
    public string Path => Node.Manifest.Path;

    /// <summary>Writes the file, and its folder where there is none.</summary>
    /// <exception cref="TenancyException"><c>FileExists</c>; <c>FileNotWritten</c>.</exception>
    public void Write()
    {
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!);
            using var file = new FileStream(Path, FileMode.CreateNew, FileAccess.Write);
            file.Write(Encoding.UTF8.GetBytes(Text));
        }
        catch (IOException) when (File.Exists(Path))
        {
            throw Exists(Path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TenancyException("FileNotWritten", $"The manifest {Path} cannot be written: {error.Message}", "Check that the folder may be written to and the disk is not full.", error);
        }
    }

    /// <summary>The error for a file that is there.</summary>
    internal static TenancyException Exists(string path) =>
        new("FileExists", $"There is a file {path} already, and a new manifest replaces none.", "Give another message or another file template.");
}
