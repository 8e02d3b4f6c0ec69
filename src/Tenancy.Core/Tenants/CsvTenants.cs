using System.Globalization;
using CsvHelper;
using Tenancy.Model;

namespace Tenancy.Core.Tenants;

/// <summary>Reads tenants from CSV: a header, then a tenant a row. Comma, semicolon or tab: what the file uses.</summary>
internal static class CsvTenants
{
    public static List<Tenant> Read(string file, string text, List<ManifestError> errors)
    {
        var tenants = new List<Tenant>();
        var options = new CsvReaderOptions
        {
            TrimWhitespace = true,
            TrackLineNumbers = true,
            PoolStrings = true,
            MalformedData = CsvMalformedDataHandling.Throw,
        };
        try
        {
            using var reader = CsvReader.FromText(text, options);
            ReadAll(file, reader, tenants, errors);
        }
        catch (CsvFormatException error)
        {
            // What follows a stray quote cannot be told apart, so reading ends here.
            errors.Add(At(file, error.LineNumber, "a quote stands where none belongs. Quote the whole value and double the quotes in it."));
        }

        return tenants;
    }

    private static void ReadAll(string file, CsvReader reader, List<Tenant> tenants, List<ManifestError> errors)
    {
        var header = reader.Headers;
        if (header.Count == 0)
        {
            errors.Add(At(file, 0, "the file is empty. The first line names the columns, such as name,schema."));
            return;
        }

        if (TenantColumns.TryCreate(header, out var fault) is not { } columns)
        {
            errors.Add(At(file, 1, $"{fault}. The first line names the columns, such as name,schema."));
            return;
        }

        while (reader.Read())
        {
            if (reader.FieldCount != header.Count)
            {
                errors.Add(At(file, reader.LineNumber, string.Create(CultureInfo.InvariantCulture, $"the row has {reader.FieldCount} values for {header.Count} columns.")));
            }
            else if (columns.Read(reader.GetString) is { } tenant)
            {
                tenants.Add(tenant);
            }
            else
            {
                errors.Add(At(file, reader.LineNumber, "the row has neither name nor schema."));
            }
        }
    }

    private static ManifestError At(string file, long line, string message) => new() { File = file, Line = (int)line, Message = message };
}
