using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Tenancy.Core.History;

/// <summary>
/// Which functions a history schema has. Builds with one version of the tables may differ in what their functions do, not in what these are called with: an installation notes the checksum of its own, and each
/// build knows those of the builds before it. So a newer build replaces an older one's, and an older build, which does not know a newer one's, leaves them.
/// </summary>
internal static partial class FunctionBuilds
{
    /// <summary>The checksums of all builds with this version of the tables, oldest first; the last is this build's. Whoever changes a function adds a line (a test says which); one that was never released may be replaced.</summary>
    internal static readonly string[] Known = ["916d969fa63802f7", "0dcb8d89127d621c", "19cd824cacd91d5b"];

    /// <summary>This build's.</summary>
    public static string Own => Known[^1];

    /// <summary>Those of the builds before; an empty one is of those that noted none.</summary>
    public static IEnumerable<string> Older => Known.SkipLast(1).Prepend("");

    /// <summary>The functions, as <c>to_regprocedure</c> takes them: name and types of the parameters.</summary>
    /// <param name="sql">The history schema's SQL.</param>
    public static string[] Signatures(HistorySql sql) =>
    [
        .. HistoryInstallation.Functions.SelectMany(file => Header().Matches(sql.File(file))).Select(static header =>
            $"{header.Groups["name"].Value}({string.Join(", ", header.Groups["parameters"].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(static one => one[(one.IndexOf(' ', StringComparison.Ordinal) + 1)..]))})"),
    ];

    /// <summary>The checksum of the functions as their files are.</summary>
    internal static string Compute()
    {
        var text = string.Concat(HistoryInstallation.Functions.Select(Sql.EmbeddedSql.Read)).ReplaceLineEndings("\n");
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16].ToLowerInvariant();
    }

    [GeneratedRegex(@"^CREATE OR REPLACE FUNCTION (?<name>\S+?)\((?<parameters>[^)]*)\)", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Header();
}
