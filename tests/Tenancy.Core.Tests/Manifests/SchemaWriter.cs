using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Operations;

namespace Tenancy.Core.Tests.Manifests;

/// <summary>Writes the JSON Schemas from the forms that the reader checks by. The files in <c>schemas/</c> are its output.</summary>
internal static class SchemaWriter
{
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Project()
    {
        var schema = Root("TenancyMigrate project", "The project file tenancy.yaml: how a fleet of tenants is migrated.");
        Merge(schema, Of(ProjectForm.Form));
        return Text(schema);
    }

    public static string Rollout()
    {
        var schema = Root("TenancyMigrate rollout", "A rollout file: in which order groups of tenants are migrated, and what must hold before the next one begins.");
        Merge(schema, Of(RolloutForm.Form));
        return Text(schema);
    }

    public static string Manifest()
    {
        var schema = Root("TenancyMigrate manifest", "One revision of a fleet's schema: what it changes, and how that is undone.");
        Merge(schema, Of(ManifestForm.Form));

        // Only a merge of several parents has nothing to do.
        schema["anyOf"] = new JsonArray(
            new JsonObject { ["required"] = Names("up"), ["properties"] = new JsonObject { ["up"] = new JsonObject { ["minItems"] = 1 } } },
            new JsonObject { ["required"] = Names("parent"), ["properties"] = new JsonObject { ["parent"] = new JsonObject { ["type"] = "array", ["minItems"] = 2 } } });
        var definitions = new JsonObject { ["step"] = Step() };
        foreach (var operation in OperationCatalog.All)
        {
            definitions[operation.Name] = Describe(Of(operation.Form), operation.Description);
        }

        schema["definitions"] = definitions;
        return Text(schema);
    }

    private static JsonObject Of(ValueForm form) => form switch
    {
        OperationForm => Reference("step"),
        ObjectForm value => Object(value),
        ListForm { AllowsSingle: true } list => Any(Of(list.Item), Array(list)),
        ListForm list => Array(list),
        MapForm map => new JsonObject
        {
            ["type"] = "object",
            ["minProperties"] = 1,
            ["patternProperties"] = new JsonObject { [map.Key.Pattern ?? $"^(?=[\\s\\S]*\\S)[\\s\\S]{{1,{map.Key.MaximumLength}}}$"] = Of(map.Value) },
            ["additionalProperties"] = false,
        },
        EitherForm either => Any([.. either.Forms.Select(Of)]),
        ChoiceForm choice => new JsonObject { ["type"] = "string", ["enum"] = Names([.. choice.Words]) },
        BooleanForm => new JsonObject { ["type"] = "boolean" },
        IntegerForm { Minimum: > long.MinValue } number => new JsonObject { ["type"] = "integer", ["minimum"] = number.Minimum },
        IntegerForm => new JsonObject { ["type"] = "integer" },
        FailureLimitForm => Any(new JsonObject { ["type"] = "integer", ["minimum"] = 0 }, new JsonObject { ["type"] = "string", ["pattern"] = FailureLimitForm.Pattern }),
        NullForm => new JsonObject { ["type"] = "null" },
        LiteralForm => new JsonObject { ["type"] = Names("string", "number", "boolean", "null") },
        SqlFileForm => new JsonObject { ["type"] = Names("string", "number", "boolean"), ["pattern"] = "^[^/\\\\\\s][^\\\\]*$" },
        TextForm text => Scalar(text),
        _ => throw new ArgumentOutOfRangeException(nameof(form), form, "A form without a schema."),
    };

    /// <summary>A text may look like a number or boolean to an editor: the reader takes it as written.</summary>
    private static JsonObject Scalar(TextForm text)
    {
        var schema = new JsonObject { ["type"] = text.IsNeverNumber ? "string" : Names("string", "number", "boolean") };
        if (!text.MayBeEmpty)
        {
            schema["minLength"] = 1;
            schema["pattern"] = text.Pattern ?? "\\S";
        }

        if (text.MaximumLength is { } length)
        {
            schema["maxLength"] = length;
        }

        return schema;
    }

    private static JsonObject Array(ListForm list)
    {
        var schema = new JsonObject { ["type"] = "array", ["items"] = Of(list.Item) };
        if (list.Minimum > 0)
        {
            schema["minItems"] = list.Minimum;
        }

        return schema;
    }

    private static JsonObject Object(ObjectForm form)
    {
        var rules = form.Groups.Select(Group).Concat(form.Keys.Where(static key => !key.Needs.IsEmpty).Select(Need))
            .Concat(form.Keys.Where(static key => key.TrueForbids is not null).Select(static key => Forbid(key.Name, key.TrueForbids!.Value.Key))).ToArray();
        return Object(form.Keys, form.Keys.Where(static key => key.IsRequired).Select(static key => key.Name), rules);
    }

    private static JsonObject Object(IEnumerable<FormKey> keys, IEnumerable<string> required, JsonNode[] rules)
    {
        var properties = new JsonObject();
        foreach (var key in keys)
        {
            properties[key.Name] = Describe(Of(key.Value), key.Description);
        }

        var schema = new JsonObject { ["type"] = "object", ["additionalProperties"] = false, ["properties"] = properties };
        if (Names([.. required]) is { Count: > 0 } names)
        {
            schema["required"] = names;
        }

        if (rules.Length > 0)
        {
            schema["allOf"] = new JsonArray(rules);
        }

        return schema;
    }

    private static JsonObject Group(KeyGroup group)
    {
        var alone = group.Keys.Select(static key => (JsonNode)new JsonObject { ["required"] = Names(key) }).ToList();
        if (!group.IsRequired)
        {
            alone.Add(new JsonObject { ["not"] = Any([.. group.Keys.Select(static key => new JsonObject { ["required"] = Names(key) })]) });
        }

        return new JsonObject { ["oneOf"] = new JsonArray([.. alone]) };
    }

    private static JsonObject Need(FormKey key) => Any(
    [
        new JsonObject { ["not"] = new JsonObject { ["required"] = Names(key.Name) } },
        .. key.Needs.Select(static needed => new JsonObject { ["required"] = Names(needed) }),
    ]);

    private static JsonObject Forbid(string flag, string key) => new()
    {
        ["not"] = new JsonObject { ["required"] = Names(flag, key), ["properties"] = new JsonObject { [flag] = new JsonObject { ["enum"] = new JsonArray(true) } } },
    };

    private static JsonObject Step()
    {
        var operations = OperationCatalog.All.Select(static operation => new FormKey(operation.Name, operation.Form, operation.Description));
        var undo = OperationForm.Undo with { Needs = [.. OperationCatalog.All.Where(static operation => operation.TakesUndo).Select(static operation => operation.Name)] };
        var rules = OperationForm.CommonKeys.Where(static key => !key.Needs.IsEmpty).Append(undo).Select(Need)
            .Prepend(Group(new KeyGroup(true, [.. OperationCatalog.All.Select(static operation => operation.Name)])));
        var schema = Object([.. OperationForm.CommonKeys, undo], [], [.. rules]);
        var properties = schema["properties"]!.AsObject();
        foreach (var operation in operations.Reverse())
        {
            properties.Insert(0, operation.Name, Describe(Reference(operation.Name), operation.Description));
        }

        return schema;
    }

    private static JsonObject Root(string title, string description) => new()
    {
        ["$schema"] = "http://json-schema.org/draft-07/schema#",
        ["title"] = title,
        ["description"] = description,
    };

    private static JsonObject Describe(JsonObject schema, string description)
    {
        // Beside $ref everything else is ignored (draft 7, 8.3).
        if (schema.ContainsKey("$ref"))
        {
            return new JsonObject { ["description"] = description, ["allOf"] = new JsonArray(schema) };
        }

        schema.Insert(0, "description", description);
        return schema;
    }

    private static void Merge(JsonObject target, JsonObject source)
    {
        foreach (var (key, value) in source)
        {
            target[key] = value?.DeepClone();
        }
    }

    private static JsonObject Any(params JsonObject[] schemas) => new() { ["anyOf"] = new JsonArray([.. schemas]) };

    private static JsonObject Reference(string name) => new() { ["$ref"] = $"#/definitions/{name}" };

    private static JsonArray Names(params string[] names) => new([.. names.Select(static name => (JsonNode)name)]);

    private static string Text(JsonObject schema) => schema.ToJsonString(Format) + "\n";
}
