using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>Functions and procedures.</summary>
/// <param name="kind">Which of the two.</param>
internal sealed class RoutineRules(string kind) : KindRules("arguments", "body", "cost", "language", "leakproof", "library", "parallel", RenamedObjects.Mark, "rows", "security", "set", "sql_body", "strict", "support", "transform", "volatility")
{
    private static readonly string[] NoKey = ["sql_body", "window", "support", "transform", "library"];

    /// <inheritdoc/>
    public override bool HasComment(CatalogObject item) => IsTyped(item);

    /// <summary>CREATE OR REPLACE keeps names and types of arguments, and takes no default away (manual, CREATE FUNCTION, notes).</summary>
    public override bool CanAlter(CatalogObject from, CatalogObject to, ImmutableArray<string> changed, DiffContext context) =>
        base.CanAlter(from, to, changed, context)
        && (!changed.Contains("arguments") || (RoutineText.Parse(from), RoutineText.Parse(to)) is var (before, after) && before.Length == after.Length
            && before.Zip(after).All(static pair => (pair.First.Name, pair.First.Mode, pair.First.Type) == (pair.Second.Name, pair.Second.Mode, pair.Second.Type) && (pair.First.Default is null || pair.Second.Default is not null)));

    /// <inheritdoc/>
    public override string? Obstacle(CatalogObject? from, CatalogObject? to, DiffContext context) =>
        to is not null && from?["body"] != to["body"] && SqlForManifest.HasPlaceholder(to["body"] ?? "") && to["language"] is "sql" or "plpgsql"
            ? "Its body holds ${, which a manifest takes for a substitution. Write it with the operation 'sql', and put the text together ('$' || '{…}')." : null;

    /// <inheritdoc/>
    public override void Create(ChangeNode node, DiffContext context)
    {
        Write(node.To!, null, context);
        var former = context.From.Objects.Values.Where(item => item.Identity.Kind == kind && !context.To.Objects.ContainsKey(item.Identity) && RoutineText.Name(item) == RoutineText.Name(node.To!) && Grants.IsClosed(item, context.From)).MinBy(static item => item.Identity);
        if (former is not null && !Grants.IsClosed(node.To!, context.To))
        {
            context.Warn(Hazards.Opens(node.Identity, former.Identity));
        }
    }

    /// <inheritdoc/>
    public override void Alter(ChangeNode node, DiffContext context)
    {
        if (PropertyValue.Changed(node.From!, node.To!).Any(static property => !Common.Contains(property)))
        {
            Write(node.To!, node.From, context);
        }
    }

    /// <inheritdoc/>
    public override void Drop(ChangeNode node, DiffContext context) =>
        context.Write($"drop_{kind}", ("name", DiffContext.Named(RoutineText.Name(node.From!))), ("arguments", RoutineText.Types(node.From!)));

    /// <inheritdoc/>
    public override void Rename(ChangeNode node, DiffContext context) =>
        context.Write($"rename_{kind}", ("from", DiffContext.Named(RoutineText.Name(node.From!))), ("arguments", RoutineText.Types(node.From!)), ("to", RoutineText.Name(node.To!)));

    private static bool IsTyped(CatalogObject item) => !NoKey.Any(property => item[property] is not null) && !string.IsNullOrWhiteSpace(item["body"]) && IsWhole(item["cost"]) && IsWhole(item["rows"]);

    private static bool IsWhole(string? number) => number is null || (long.TryParse(number, CultureInfo.InvariantCulture, out var value) && value > 0);

    private void Write(CatalogObject item, CatalogObject? was, DiffContext context)
    {
        if (context.Unchecked.Contains(item.Identity))
        {
            // Its body names what comes later.
            context.WriteSql("SET LOCAL check_function_bodies = off");
        }

        if (!IsTyped(item))
        {
            context.WriteSql(Sql(item, was is not null, context));
            return;
        }

        context.Write($"create_{kind}", ("name", DiffContext.Named(RoutineText.Name(item))), ("arguments", RoutineText.Keys(item, context)), ("returns", item["returns"] is { } returns ? context.Sql(returns) : null), ("language", item["language"]),
            ("volatility", item["volatility"]), ("strict", ManifestMapping.Flag(item.Is("strict"))), ("leakproof", ManifestMapping.Flag(item.Is("leakproof"))), ("security", item["security"]), ("parallel", item["parallel"]),
            ("cost", ColumnText.Number(item["cost"])), ("rows", ColumnText.Number(item["rows"])), ("set", RoutineText.Settings(item, context)), ("replace", ManifestMapping.Flag(was is not null)),
            ("comment", was is null ? Attributes.Comment(item) : null), ("body", RoutineText.Body(item["body"]!, context)));
    }

    private string Sql(CatalogObject item, bool replaces, DiffContext context)
    {
        var sql = new StringBuilder($"CREATE {(replaces ? "OR REPLACE " : "")}{kind.ToUpperInvariant()} {context.InSql(RoutineText.Name(item))}({context.Sql(item["arguments"] ?? "")})");
        sql.Append(item["returns"] is { } returns ? $" RETURNS {context.Sql(returns)}" : "").Append($"\nLANGUAGE {SqlIdentifier.Quote(item["language"]!)}");
        string?[] attributes =
        [
            item["transform"] is null ? null : $"TRANSFORM {string.Join(", ", item.Texts("transform").Select(static type => $"FOR TYPE {type}"))}",
            item.Is("window") ? "WINDOW" : null,
            item["volatility"]?.ToUpperInvariant(),
            item.Is("leakproof") ? "LEAKPROOF" : null,
            item.Is("strict") ? "STRICT" : null,
            item["security"] is { } security ? $"SECURITY {security.ToUpperInvariant()}" : null,
            item["parallel"] is { } parallel ? $"PARALLEL {parallel.ToUpperInvariant()}" : null,
            item["cost"] is { } cost ? $"COST {cost}" : null,
            item["rows"] is { } rows ? $"ROWS {rows}" : null,
            item["support"] is { } support ? $"SUPPORT {support}" : null,
            .. item.Parameters("set").Select(setting => $"SET {setting.Name} TO {RoutineText.Setting(setting.Name, setting.Value, context)}"),
        ];
        sql.AppendJoin("", attributes.OfType<string>().Select(static attribute => $"\n{attribute}"));
        return sql.Append(item["sql_body"] is { } atomic ? $"\n{context.Sql(atomic)}"
            : item["library"] is { } library ? $"\nAS {SqlLiteral.Quote(library)}, {SqlLiteral.Quote(item["body"]!)}"
            : $"\nAS {Quoted(RoutineText.Body(item["body"]!, context))}").ToString();
    }

    private static string Quoted(string body)
    {
        var tag = "$body$";
        for (var number = 1; (body + "$").Contains(tag, StringComparison.Ordinal); number++)
        {
            tag = $"$body{number.ToString(CultureInfo.InvariantCulture)}$";
        }

        return tag + body + tag;
    }
}

/// <summary>Aggregates: no typed operation knows them.</summary>
internal sealed class AggregateRules() : KindRules
{
    private static readonly (string Property, string Option)[] Options =
    [
        ("sfunc", "SFUNC"), ("stype", "STYPE"), ("sspace", "SSPACE"), ("finalfunc", "FINALFUNC"), ("combinefunc", "COMBINEFUNC"), ("serialfunc", "SERIALFUNC"), ("deserialfunc", "DESERIALFUNC"),
        ("msfunc", "MSFUNC"), ("minvfunc", "MINVFUNC"), ("mstype", "MSTYPE"), ("msspace", "MSSPACE"), ("mfinalfunc", "MFINALFUNC"),
    ];

    private static readonly string[] States = ["initcond", "minitcond"];

    private static readonly string[] Modes = ["finalfunc_modify", "mfinalfunc_modify"];

    /// <inheritdoc/>
    public override void Create(ChangeNode node, DiffContext context) => context.WriteSql(Sql(node.To!, context));

    /// <inheritdoc/>
    public override void Drop(ChangeNode node, DiffContext context) => context.WriteSql(DropSql(node.From!, context));

    private static string DropSql(CatalogObject item, DiffContext context) => $"DROP AGGREGATE {context.InSql(RoutineText.Name(item))}({Signature(item, context)})";

    private static string Signature(CatalogObject item, DiffContext context) => item["arguments"] is { } arguments ? context.Sql(arguments) : "*";

    private static string Sql(CatalogObject item, DiffContext context)
    {
        List<string> options = [.. Options.Where(option => item[option.Property] is not null).Select(option => $"{option.Option} = {context.Sql(item[option.Property]!)}")];
        void Flag(string property, string text) => options.AddRange(item.Is(property) ? [text] : []);
        Flag("finalfunc_extra", "FINALFUNC_EXTRA");
        Flag("mfinalfunc_extra", "MFINALFUNC_EXTRA");
        options.AddRange(States.Where(property => item[property] is not null).Select(property => $"{property.ToUpperInvariant()} = {context.Sql(SqlLiteral.Quote(item[property]!))}"));
        options.AddRange(Modes.Where(property => item[property] is not null).Select(property => $"{property.ToUpperInvariant()} = {(item[property] switch { "r" => "READ_ONLY", "s" => "SHAREABLE", _ => "READ_WRITE" })}"));
        options.AddRange(item["sortop"] is { } sort ? [$"SORTOP = {(sort[..sort.IndexOf('(', StringComparison.Ordinal)] is var name && name.Contains('.', StringComparison.Ordinal) ? $"OPERATOR({name})" : name)}"] : []);
        options.AddRange(item["parallel"] is { } parallel ? [$"PARALLEL = {parallel.ToUpperInvariant()}"] : []);
        options.AddRange(item["aggregate_kind"] == "hypothetical set" ? ["HYPOTHETICAL"] : []);
        return $"CREATE AGGREGATE {context.InSql(RoutineText.Name(item))}({Signature(item, context)}) ({string.Join(", ", options)})";
    }
}
