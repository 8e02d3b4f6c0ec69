using System.Collections;
using System.Data;
using System.Management.Automation;
using Tenancy.Model;

namespace TenancyMigrate.Tenants;

/// <summary>Reads a tenant's fields from an object of any kind.</summary>
internal static class TenantFields
{
    /// <summary>What a tenant can be given as; ends an error that says why something is none.</summary>
    public const string Form =
        "A tenant is what Get-Tenant gives, a name, or an object with Schema (and Name, Database, Server, Labels where they matter), such as @{Name = 'Acme'; Schema = 'tenant_acme'}.";

    private static readonly string[] Known = [nameof(Tenant.Name), nameof(Tenant.Schema), nameof(Tenant.Database), nameof(Tenant.Server), nameof(Tenant.Labels), "Scope"];

    /// <summary>A tenant of which only the name is known: <see cref="TenantSelection"/> looks it up.</summary>
    public static Tenant OfName(string name) =>
        string.IsNullOrWhiteSpace(name) ? throw new ArgumentTransformationMetadataException("A tenant's name is empty. " + Form) : new Tenant { Name = name };

    /// <summary>The fields of a hashtable.</summary>
    public static Dictionary<string, object?> OfDictionary(IDictionary dictionary)
    {
        var fields = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry entry in dictionary)
        {
            fields[entry.Key.ToString()!] = Unwrap(entry.Value);
        }

        return fields;
    }

    /// <summary>The fields of an object; of a row of a CSV file or a table, every column.</summary>
    public static Dictionary<string, object?> OfObject(PSObject item)
    {
        var fields = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in item.BaseObject is DataRow row ? row.Table.Columns.Cast<DataColumn>().Select(static column => column.ColumnName) : Columns(item))
        {
            fields[name] = Unwrap(item.Properties[name]?.Value);
        }

        return fields;
    }

    /// <summary>The tenant that the fields make; none for the result of a shared schema, which a run over tenants passes on.</summary>
    /// <param name="fields">The fields.</param>
    /// <param name="source">What they were read from, for the error.</param>
    /// <exception cref="ArgumentTransformationMetadataException">There is no schema.</exception>
    public static IEnumerable<Tenant> Read(Dictionary<string, object?> fields, object source)
    {
        if (Text(fields, nameof(Tenant.Schema)) is not { } schema)
        {
            throw new ArgumentTransformationMetadataException($"An object of type {source.GetType().Name} has no Schema, so it is no tenant. {Form}");
        }

        if (string.Equals(Text(fields, "Scope"), "shared", StringComparison.OrdinalIgnoreCase))
        {
            return [];
        }

        return
        [
            new Tenant
            {
                Name = Text(fields, nameof(Tenant.Name)) ?? schema,
                Schema = schema,
                Database = Text(fields, nameof(Tenant.Database)),
                Server = Text(fields, nameof(Tenant.Server)),
                Labels = ReadLabels(fields),
            },
        ];
    }

    // Columns of a row that nobody else reads are labels, as in the files that Get-Tenant -Path reads.
    private static TenantLabels ReadLabels(Dictionary<string, object?> fields)
    {
        if (fields.TryGetValue(nameof(Tenant.Labels), out var value))
        {
            return value switch
            {
                null => [],
                IDictionary dictionary => new TenantLabels(dictionary),
                _ => Labels(OfObject(PSObject.AsPSObject(value))),
            };
        }

        return Labels(fields.Where(static field => !Known.Contains(field.Key, StringComparer.OrdinalIgnoreCase)));
    }

    private static TenantLabels Labels(IEnumerable<KeyValuePair<string, object?>> fields)
    {
        var labels = new TenantLabels();
        foreach (var (name, value) in fields)
        {
            if (value is not null)
            {
                labels[name] = LanguagePrimitives.ConvertTo<string>(value);
            }
        }

        return labels;
    }

    // Only an object made of notes (a CSV row, JSON) is read in full; of any other, what a tenant has: properties may be costly to ask for.
    private static IEnumerable<string> Columns(PSObject item) =>
        item.BaseObject is PSCustomObject && item.Properties[nameof(Tenant.Labels)] is null
            ? item.Properties.Select(static property => property.Name).ToArray()
            : Known.Where(name => item.Properties[name] is not null);

    private static string? Text(Dictionary<string, object?> fields, string name) =>
        fields.GetValueOrDefault(name) is { } value && LanguagePrimitives.ConvertTo<string>(value) is { Length: > 0 } text ? text : null;

    private static object? Unwrap(object? value) =>
        value switch
        {
            DBNull => null,
            PSObject { BaseObject: not PSCustomObject } wrapped => Unwrap(wrapped.BaseObject),
            _ => value,
        };
}
