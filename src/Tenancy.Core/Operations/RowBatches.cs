using System.Collections.Immutable;
using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;

namespace Tenancy.Core.Operations;

/// <summary>How <c>update</c> and <c>delete</c> are divided into batches that commit one by one.</summary>
/// <param name="Key">The columns that tell rows apart, and by whose order they are taken.</param>
/// <param name="Size">The most rows of a batch.</param>
/// <param name="Pause">How long to wait between two batches.</param>
public sealed record RowBatches(ImmutableArray<string> Key, int Size, TimeSpan Pause)
{
    private const int DefaultSize = 1000;

    private const int LargestSize = 1_000_000;

    /// <summary>The key with it. How large a batch is and how long the pause changes nothing that is done: they may be tuned while a run is in progress.</summary>
    internal static readonly FormKey FormKey = new("batch", new ObjectForm("a mapping such as {key: id, size: 1000}",
        new FormKey("key", CommonForms.OneOrMoreNames, "The columns of a primary key or of a unique index without nulls; rows are taken in its order.", IsRequired: true),
        new FormKey("size", new IntegerForm(1), $"The most rows of a batch; {DefaultSize} unless set.") { IsOutsideChecksum = true },
        new FormKey("pause", CommonForms.Duration, "How long to wait between two batches; not at all unless set.") { IsOutsideChecksum = true }), "Commits in batches, each a transaction of its own; what is done stays done.");

    /// <summary>Builds it from checked values; null after an error.</summary>
    internal static RowBatches? Build(Fields fields, BuildContext context)
    {
        var size = fields.OptionalText("size") is { } text ? long.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : DefaultSize;
        if (size > LargestSize)
        {
            context.Errors.Report(fields.Node("size")!.Position, $"'size' must be at most {LargestSize}: a batch locks its rows until it commits.");
            return null;
        }

        return new RowBatches(fields.Texts("key"), (int)size, fields.Duration("pause") ?? TimeSpan.Zero);
    }
}
