using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Yaml;
using Tenancy.Model;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Tenancy.Core.Tenants;

/// <summary>Reads tenants from YAML: a list of names, or of mappings with name, schema, database, server and labels. Read event by event: nothing nests, nothing expands.</summary>
internal sealed class YamlTenants
{
    private static readonly string[] Keys = ["name", "schema", "database", "server", "labels"];

    private const int DeepestSkipped = 20;

    private readonly string file;
    private readonly YamlParser parser;
    private readonly List<ManifestError> errors;
    private readonly List<Tenant> tenants = [];

    private YamlTenants(string file, string text, List<ManifestError> errors)
    {
        this.file = file;
        this.errors = errors;
        parser = new YamlParser(text);
    }

    public static List<Tenant> Read(string file, string text, List<ManifestError> errors)
    {
        var reader = new YamlTenants(file, text, errors);
        try
        {
            reader.ReadList();
        }
        catch (YamlException error)
        {
            reader.Report(error.Start.Line > 0 ? error.Start : reader.parser.Current?.Start ?? error.Start, error.Message.TrimEnd('.') + ".");
        }

        catch (EndOfStreamException)
        {
            reader.Report(reader.parser.Current?.Start ?? Mark.Empty, "The file ends in the middle of a tenant.");
        }

        return reader.tenants;
    }

    private void ReadList()
    {
        parser.Consume<StreamStart>();
        if (!parser.TryConsume<DocumentStart>(out _) || !parser.TryConsume<SequenceStart>(out _))
        {
            Report(parser.Current!.Start, "The file is a list: a line '- name: …' for each tenant, or '- name' alone.");
            return;
        }

        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            var start = parser.Current!.Start;
            if (ReadItem() is not { } tenant)
            {
                continue;
            }

            if (tenant is { Name: "", Schema: "" })
            {
                Report(start, "The tenant has neither name nor schema.");
            }
            else
            {
                tenants.Add(tenant.Schema.Length == 0 ? tenant with { Schema = tenant.Name } : tenant.Name.Length == 0 ? tenant with { Name = tenant.Schema } : tenant);
            }
        }

        parser.Consume<DocumentEnd>();
        if (parser.Accept<DocumentStart>(out var second))
        {
            Report(second.Start, "A second YAML document begins here ('---'). Write one list a file.");
        }
    }

    private Tenant? ReadItem()
    {
        if (parser.TryConsume<Scalar>(out var name))
        {
            return new() { Name = name.Value };
        }

        if (!parser.TryConsume<MappingStart>(out _))
        {
            return Skip<Tenant>("A tenant is a name, or a mapping with name, schema, database, server and labels.");
        }

        var tenant = new Tenant();
        var seen = new HashSet<string>();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            if (!parser.TryConsume<Scalar>(out var key))
            {
                Skip<Tenant>("A key is plain text.");
                SkipValue();
                continue;
            }

            if (!seen.Add(key.Value))
            {
                Report(key.Start, $"The key '{key.Value}' is there twice.");
            }

            tenant = ReadValue(tenant, key);
        }

        return tenant;
    }

    private Tenant ReadValue(Tenant tenant, Scalar key)
    {
        switch (key.Value)
        {
            case "name":
                return tenant with { Name = ReadText() ?? "" };
            case "schema":
                return tenant with { Schema = ReadText() ?? "" };
            case "database":
                return tenant with { Database = ReadText() };
            case "server":
                return tenant with { Server = ReadText() };
            case "labels":
                return tenant with { Labels = ReadLabels() };
            default:
                Report(key.Start, $"A tenant has no key '{key.Value}'. Free text by name goes under 'labels'.", Spelling.Nearest(key.Value, Keys));
                SkipValue();
                return tenant;
        }
    }

    private string? ReadText()
    {
        if (!parser.TryConsume<Scalar>(out var scalar))
        {
            return Skip<string>("A text is expected here.");
        }

        // The schema 'null' is written with quotes; without them it is YAML's nothing.
        return scalar is { Style: ScalarStyle.Plain, Value: "" or "~" or "null" or "Null" or "NULL" } ? null : scalar.Value;
    }

    private TenantLabels ReadLabels()
    {
        var labels = new TenantLabels();
        if (!parser.TryConsume<MappingStart>(out _))
        {
            Skip<TenantLabels>("Labels are a mapping, such as {ring: canary}.");
            return labels;
        }

        while (!parser.TryConsume<MappingEnd>(out _))
        {
            if (!parser.TryConsume<Scalar>(out var key))
            {
                Skip<TenantLabels>("A label's name is plain text.");
                SkipValue();
            }
            else if (!labels.TryAdd(key.Value, ReadText() ?? ""))
            {
                Report(key.Start, $"The label '{key.Value}' is there twice.");
            }
        }

        return labels;
    }

    private T? Skip<T>(string message)
        where T : class
    {
        Report(parser.Current!.Start, message);
        SkipValue();
        return null;
    }

    // Bounded: YAML's scanner needs hours for what is nested a million times.
    private void SkipValue()
    {
        // What was consumed last leaves no current event.
        parser.Accept<ParsingEvent>(out _);
        var depth = 0;
        do
        {
            depth += parser.Current!.NestingIncrease;
            if (depth > DeepestSkipped)
            {
                throw new YamlException(parser.Current.Start, parser.Current.End, "Values are nested too deep here");
            }
        }
        while (parser.MoveNext() && depth > 0);
    }

    private void Report(Mark at, string message, string? suggestion = null) =>
        errors.Add(new() { File = file, Line = (int)at.Line, Column = (int)at.Column, Message = message, Suggestion = suggestion });
}
