using System.Collections.Concurrent;
using System.Reflection;

namespace Tenancy.Core.Sql;

/// <summary>The SQL files that the engine carries.</summary>
internal static class EmbeddedSql
{
    private static readonly ConcurrentDictionary<string, string> Files = new();

    /// <summary>The text of a file.</summary>
    /// <param name="name">The file's name without <c>.sql</c>.</param>
    public static string Read(string name) => Files.GetOrAdd(name, Load);

    private static string Load(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name + ".sql")
            ?? throw new InvalidOperationException($"The engine was built without {name}.sql.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
