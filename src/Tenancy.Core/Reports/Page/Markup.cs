using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Tenancy.Core.Reports.Page;

/// <summary>HTML being written. What stands in the source is mark-up, and what is filled in is text: nothing that comes from a database can become mark-up.</summary>
/// <param name="text">What texts are made fit to be shown with.</param>
internal sealed class Markup(ReportText text)
{
    private readonly StringBuilder html = new();

    /// <summary>Writes mark-up with texts filled in.</summary>
    /// <param name="part">The mark-up: an interpolated string.</param>
#pragma warning disable CA1822 // The part has written itself when this is called.
    public void Add([InterpolatedStringHandlerArgument("")] ref MarkupPart part)
#pragma warning restore CA1822
    {
    }

    /// <summary>Writes a text.</summary>
    public void Text(string? value)
    {
        foreach (var character in text.Clean(value ?? ""))
        {
            _ = character switch
            {
                '&' => html.Append("&amp;"),
                '<' => html.Append("&lt;"),
                '>' => html.Append("&gt;"),
                '"' => html.Append("&quot;"),
                '\'' => html.Append("&#39;"),
                _ => html.Append(character),
            };
        }
    }

    /// <inheritdoc/>
    public override string ToString() => html.ToString();

    /// <summary>A piece of mark-up as the compiler writes it.</summary>
    [InterpolatedStringHandler]
    internal readonly ref struct MarkupPart
    {
        private readonly Markup markup;

        /// <summary>A piece.</summary>
        public MarkupPart(int literalLength, int formattedCount, Markup markup)
        {
            _ = (literalLength, formattedCount);
            this.markup = markup;
        }

        /// <summary>Mark-up.</summary>
        public void AppendLiteral(string value) => markup.html.Append(value);

        /// <summary>A text.</summary>
        public void AppendFormatted(string? value) => markup.Text(value);

        /// <summary>A number of things.</summary>
        public void AppendFormatted(int value) => markup.html.Append(value.ToString("N0", CultureInfo.InvariantCulture));

        /// <summary>A coordinate, or a number otherwise than as people read it.</summary>
        public void AppendFormatted(double value, string format) => markup.html.Append(value.ToString(format, CultureInfo.InvariantCulture));

        /// <summary>A moment, UTC, to the second.</summary>
        public void AppendFormatted(DateTime value) => markup.html.Append(CultureInfo.InvariantCulture, $"<time datetime=\"{value:yyyy-MM-ddTHH:mm:ssZ}\">{value:yyyy-MM-dd HH:mm:ss}</time>");

        /// <summary>How long something took.</summary>
        public void AppendFormatted(TimeSpan value) => markup.html.Append(ReportText.Describe(value));
    }
}
