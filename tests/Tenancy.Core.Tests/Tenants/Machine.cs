using Tenancy.Core.Tenants;

namespace Tenancy.Core.Tests.Tenants;

/// <summary>A made-up machine with its own home folder and variables, so that tests run in parallel.</summary>
internal sealed class Machine : IDisposable
{
    public Dictionary<string, string> Variables { get; } = [];

    public string Home { get; } = Directory.CreateTempSubdirectory("tenancy-home-").FullName;

    public IReadOnlyList<string> SocketFolders { get; init; } = [];

    public ConnectionEnvironment Environment => new(Variables.GetValueOrDefault, Home, "ann", SocketFolders);

    public ResolvedConnection Resolve(ConnectionSettings? settings = null) => ConnectionResolver.Resolve(settings ?? new(), Environment);

    /// <summary>Writes a file into the home folder, readable by its owner only.</summary>
    public string Write(string name, string content)
    {
        var path = Path.Combine(Home, name);
        File.WriteAllText(path, content);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return path;
    }

    public void Dispose() => Directory.Delete(Home, recursive: true);
}
