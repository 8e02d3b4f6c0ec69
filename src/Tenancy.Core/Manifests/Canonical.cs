using System.Security.Cryptography;
using System.Text;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Manifests.Yaml;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Manifests;

/// <summary>The canonical text of a manifest, and its checksum.</summary>
internal static class Canonical
{
    /// <summary>The version of the rules by which checksums are computed: a new one when they change.</summary>
    private const string Version = "1";

    /// <summary>Canonical text and checksum of a manifest without errors. White space and comments of its SQL stay in the text and do not count for the checksum.</summary>
    /// <param name="root">The manifest.</param>
    /// <param name="files">Its SQL files, which have been read.</param>
    public static (string Text, string Checksum) Of(YamlMapping root, SqlFiles files)
    {
        var text = Write(root, files, static sql => sql);
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(Write(root, files, SqlNormalizer.Normalize)));
        return (text, $"{Version}:{Convert.ToHexString(hash).ToLowerInvariant()}");
    }

    private static string Write(YamlMapping root, SqlFiles files, Func<string, string> sql)
    {
        var writer = new CanonicalWriter(sql, path => files[path]);
        ManifestForm.Form.Write(root, writer);
        return writer.ToString();
    }
}
