using Tenancy.Model;

namespace Tenancy.Core.Tenants;

/// <summary>Reads a section of <c>pg_service.conf</c> (PostgreSQL manual, 34.17).</summary>
internal static class ServiceFile
{
    /// <summary>The parameters of a service, from the first file that has it.</summary>
    /// <exception cref="TenancyException"><c>ServiceNotFound</c>, or <c>InvalidConnection</c> with file and line.</exception>
    public static IReadOnlyDictionary<string, string> Read(string service, IEnumerable<string> files)
    {
        var searched = new List<string>();
        foreach (var file in files.Where(File.Exists))
        {
            searched.Add(file);
            if (ReadSection(service, file) is { } parameters)
            {
                return parameters;
            }
        }

        var places = searched.Count == 0 ? "there is no service file" : $"not in {string.Join(", ", searched)}";
        throw new TenancyException(
            "ServiceNotFound",
            $"The service '{service}' is not defined: {places}.",
            "Add a section of that name to ~/.pg_service.conf, or point PGSERVICEFILE at the right file.");
    }

    private static Dictionary<string, string>? ReadSection(string service, string file)
    {
        Dictionary<string, string>? section = null;
        var number = 0;
        foreach (var raw in File.ReadLines(file))
        {
            number++;
            var line = raw.Trim();
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            if (line[0] == '[')
            {
                if (section is not null)
                {
                    break;
                }

                section = line == $"[{service}]" ? [] : null;
            }
            else if (section is not null)
            {
                var equals = line.IndexOf('=', StringComparison.Ordinal);
                if (equals <= 0)
                {
                    throw new TenancyException("InvalidConnection", $"{file}:{number}: a line of a service is keyword=value.", "Mend the line.");
                }

                // libpq keeps the first of two equal keywords.
                section.TryAdd(line[..equals].TrimEnd(), line[(equals + 1)..].TrimStart());
            }
        }

        return section;
    }
}
