using Tenancy.Core.Manifests.Forms;

namespace Tenancy.Core.Operations;

/// <summary>How a column's values are kept and looked at (manual, ALTER TABLE, SET STORAGE, SET COMPRESSION, SET STATISTICS).</summary>
internal static class ColumnStorage
{
    /// <summary>Where long values go.</summary>
    public static readonly ChoiceForm Form = new("plain", "external", "extended", "main");

    /// <summary>How they are compressed.</summary>
    public static readonly ChoiceForm Compression = new("default", "pglz", "lz4");

    /// <summary>A statistics target.</summary>
    public static readonly IntegerForm Statistics = new(0);

    /// <summary>A statistics target, or null for the server's setting.</summary>
    public static readonly EitherForm StatisticsOrNull = new(Statistics, new NullForm());

    /// <summary>What ALTER COLUMN says for what is not null.</summary>
    public static IEnumerable<string> Actions(string? storage, string? compression, OptionalValue? statistics)
    {
        string?[] actions =
        [
            storage is null ? null : $"SET STORAGE {storage.ToUpperInvariant()}",
            compression is null ? null : $"SET COMPRESSION {compression}",
            statistics is null ? null : $"SET STATISTICS {statistics.Text ?? "-1"}",
        ];
        return actions.OfType<string>();
    }
}
