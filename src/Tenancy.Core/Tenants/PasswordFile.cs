using System.Globalization;
using System.Text;

namespace Tenancy.Core.Tenants;

/// <summary>Looks a password up in <c>.pgpass</c> (PostgreSQL manual, 34.16). Npgsql reads such a file too, but minds neither its permissions nor the name that sockets have in it.</summary>
internal static class PasswordFile
{
    private const UnixFileMode ForOthers =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Why libpq would ignore the file, or null.</summary>
    public static string? FindFault(string file) =>
        !OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & ForOthers) != 0
            ? $"The password file {file} is ignored: others may read it. Its permissions should be 0600 (chmod 600)."
            : null;

    /// <summary>The password of the first line that matches, or null.</summary>
    /// <param name="file">The file; it exists and has no fault.</param>
    /// <param name="address">Where the connection goes.</param>
    /// <param name="username">The role.</param>
    /// <param name="defaultSocketFolders">Folders whose sockets stand under <c>localhost</c> in the file.</param>
    public static string? Find(string file, DatabaseAddress address, string username, IReadOnlyList<string> defaultSocketFolders)
    {
        var host = address.Server.IsSocket && defaultSocketFolders.Contains(address.Server.Host) ? "localhost" : address.Server.Host;
        string[] wanted = [host, address.Server.Port.ToString(CultureInfo.InvariantCulture), address.Database, username];
        foreach (var line in File.ReadLines(file))
        {
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            var fields = Split(line);
            if (fields.Count >= 5 && wanted.Zip(fields).All(static pair => pair.Second == "*" || Equals(pair.First, pair.Second)))
            {
                return fields[4];
            }
        }

        return null;
    }

    // A backslash escapes a colon and itself; an escaped "\*" is not told from "*", as in libpq.
    private static List<string> Split(string line)
    {
        var fields = new List<string>(5);
        var field = new StringBuilder();
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == ':')
            {
                fields.Add(field.ToString());
                field.Clear();
            }
            else
            {
                i += line[i] == '\\' && i + 1 < line.Length ? 1 : 0;
                field.Append(line[i]);
            }
        }

        fields.Add(field.ToString());
        return fields;
    }
}
