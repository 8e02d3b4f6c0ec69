using System.Text;
using System.Text.Json;

namespace Tenancy.Core.Reports.Page;

/// <summary>The tenants of a report as JSON that may stand in a script element: what could end that is escaped (<c>System.Text.Json</c> escapes all but letters and digits that HTML knows).</summary>
internal static class TenantData
{
    /// <summary>Writes it. What many have in common is written once and named by its number; fields at a row's end that say nothing are left out. The script's <c>FIELDS</c> has their order.</summary>
    /// <param name="grid">The tenants.</param>
    /// <param name="causes">The causes of failures.</param>
    /// <param name="shapes">The shapes of schemas.</param>
    /// <param name="text">Makes texts fit to be shown.</param>
    public static string Write(FleetGrid grid, IReadOnlyList<FailureCause> causes, DriftShapes shapes, ReportText text)
    {
        Numbers places = new(), labels = new(), runs = new();
        var causeOf = new Dictionary<RunWork, int>(ReferenceEqualityComparer.Instance);
        for (var number = 0; number < causes.Count; number++)
        {
            foreach (var work in causes[number].Work)
            {
                causeOf[work] = number;
            }
        }

        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteStartArray("rows");
            foreach (var row in grid.Rows)
            {
                json.WriteStartArray();
                json.WriteStringValue(row.Status);
                json.WriteStringValue(row.Cells);
                json.WriteEndArray();
            }

            json.WriteEndArray();
            json.WriteStartArray("tenants");
            for (var row = 0; row < grid.Rows.Length; row++)
            {
                foreach (var schema in grid.Rows[row].Schemas)
                {
                    var (revision, work) = (schema.Revision, schema.Work);
                    object?[] fields =
                    [
                        row,
                        text.Clean(revision.Name),
                        revision.Schema == revision.Name ? null : text.Clean(revision.Schema),
                        places.Of(text.Clean($"{revision.Database} on {revision.Server}")),
                        revision.Changed is { } changed ? new DateTimeOffset(DateTime.SpecifyKind(changed, DateTimeKind.Utc)).ToUnixTimeSeconds() : null,
                        work is null ? null : runs.Of(work.Status),
                        work is { IsWorked: true } ? Math.Round(work.Seconds, 3) : null,
                        work is not null && causeOf.TryGetValue(work, out var cause) ? cause : null,
                        schema.Comparison is { } comparison ? shapes.NumberOf(comparison) : null,
                        revision.Labels.Count > 0 ? labels.Of(text.Clean(string.Join(", ", revision.Labels.OrderBy(static label => label.Key, StringComparer.Ordinal).Select(static label => $"{label.Key}={label.Value}")))) : null,
                        revision.Step is { } step ? text.Clean(step) : null,
                    ];
                    JsonSerializer.Serialize(json, fields.AsSpan(0, Array.FindLastIndex(fields, static field => field is not null) + 1).ToArray());
                }
            }

            json.WriteEndArray();
            json.WriteStartArray("shapes");
            foreach (var shape in shapes.All)
            {
                json.WriteStringValue(DriftSection.NameOf(shape));
            }

            json.WriteEndArray();
            json.WriteStartArray("causes");
            foreach (var cause in causes)
            {
                json.WriteStringValue(text.Clean(FailureSection.NameOf(cause)));
            }

            json.WriteEndArray();
            WriteList(json, "places", places);
            WriteList(json, "labels", labels);
            WriteList(json, "runs", runs);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void WriteList(Utf8JsonWriter json, string name, Numbers numbers)
    {
        json.WriteStartArray(name);
        numbers.All.ForEach(json.WriteStringValue);
        json.WriteEndArray();
    }

    // Numbers texts, from 0, in the order in which they come.
    private sealed class Numbers
    {
        private readonly Dictionary<string, int> known = new(StringComparer.Ordinal);

        public List<string> All { get; } = [];

        public int Of(string text)
        {
            if (!known.TryGetValue(text, out var number))
            {
                known[text] = number = All.Count;
                All.Add(text);
            }

            return number;
        }
    }
}
