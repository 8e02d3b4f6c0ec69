using System.ComponentModel;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Tenancy.LocalPostgres;

/// <summary>A folder with <c>postgres</c>, <c>initdb</c> and <c>pg_ctl</c> that run on this machine.</summary>
/// <param name="Directory">The folder, symbolic links resolved.</param>
/// <param name="Version">As the server says it, such as <c>15.18</c> or <c>18beta1</c>.</param>
/// <param name="MajorVersion">Such as 15.</param>
internal sealed partial record ServerBinaries(string Directory, string Version, int MajorVersion)
{
    private static readonly string[] Needed = ["postgres", "initdb", "pg_ctl"];

    internal string InitDb => Tool(Directory, "initdb");

    internal string PgCtl => Tool(Directory, "pg_ctl");

    /// <summary>The folder of <c>share</c> files, where extensions are: the installation's layout differs, so pg_config is asked where there is one.</summary>
    internal async Task<IReadOnlyList<string>> ShareDirectoriesAsync(CancellationToken ct)
    {
        var pgConfig = Tool(Directory, "pg_config");
        if (File.Exists(pgConfig) && await ChildProcess.RunAsync([pgConfig, "--sharedir"], ct) is { Succeeded: true } said)
        {
            return [said.Output];
        }

        return [Path.Combine(Directory, "..", "share", "postgresql"), Path.Combine(Directory, "..", "share")];
    }

    /// <summary>Looks into a folder.</summary>
    /// <returns>The binaries, or why there are none.</returns>
    internal static async Task<(ServerBinaries? Binaries, string? WhyNot)> ProbeAsync(string folder, ServerAccount account, CancellationToken ct)
    {
        if (!System.IO.Directory.Exists(folder))
        {
            return (null, "no such folder");
        }

        // PATH often holds links to the real folder, beside which the server's other files are.
        var server = Tool(folder, "postgres");
        var real = File.Exists(server) ? Path.GetDirectoryName(File.ResolveLinkTarget(server, returnFinalTarget: true)?.FullName ?? server)! : folder;
        var missing = Needed.Where(t => !File.Exists(Tool(real, t))).ToArray();
        if (missing.Length > 0)
        {
            return (null, $"no {string.Join(", ", missing)} in it");
        }

        if (!account.CanEnter(real))
        {
            return (null, $"the user {account.User}, whom the server would run as, may not enter it");
        }

        try
        {
            var said = await ChildProcess.RunAsync(account.Command(Tool(real, "postgres"), "--version"), ct);
            return VersionLine().Match(said.Output) is { Success: true } match
                ? (new ServerBinaries(real, match.Groups[1].Value, int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture)), null)
                : (null, $"its postgres does not run: {said.Said}");
        }
        catch (Win32Exception e)
        {
            return (null, $"its postgres does not run: {e.Message}");
        }
    }

    internal static string Tool(string folder, string name) => Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name);

    [GeneratedRegex(@"\(PostgreSQL\) ((\d+)\S*)")]
    private static partial Regex VersionLine();
}
