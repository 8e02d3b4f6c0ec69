namespace Tenancy.LocalPostgres;

/// <summary>What a throwaway server has in <c>postgresql.conf</c> beyond initdb's choice.</summary>
internal static class ServerSettings
{
    internal static IEnumerable<string> Lines(LocalPostgresOptions options, string? socketDirectory)
    {
        var settings = new Dictionary<string, string>
        {
            ["listen_addresses"] = "127.0.0.1",
            ["unix_socket_directories"] = socketDirectory ?? "",
            ["max_connections"] = "200",
            // What a crash of the machine would lose was going to be thrown away; a crash of the server alone loses nothing.
            ["fsync"] = options.Durable ? "on" : "off",
            ["full_page_writes"] = options.Durable ? "on" : "off",
        };
        foreach (var (name, value) in options.Settings)
        {
            settings[name] = value;
        }

        return Lines(settings);
    }

    /// <summary>Settings as lines of the file.</summary>
    internal static IEnumerable<string> Lines(IReadOnlyDictionary<string, string> settings) => settings.Select(s => $"{s.Key} = '{s.Value.Replace("'", "''", StringComparison.Ordinal)}'");
}
