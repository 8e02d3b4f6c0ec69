using System.Collections.Immutable;
using System.Text;
using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Manifests.Yaml;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>create_trigger</c>.</summary>
public sealed record CreateTrigger : Operation
{
    private static readonly ObjectKind Kind = new("trigger", "TRIGGER", "{timing: ..., events: [...], function: ...}");

    private static readonly EitherForm Event = new(new ChoiceForm("insert", "update", "delete", "truncate"), new ObjectForm("{update: columns}",
        new FormKey("update", CommonForms.Names, "The columns whose change counts.", IsRequired: true)));

    /// <summary>How manifests write it and its end.</summary>
    internal static readonly (OperationDefinition Create, OperationDefinition Drop) Definitions = DropFromTable.Define(Kind,
        [
            new FormKey("timing", new ChoiceForm("before", "after", "instead of"), "When it runs.", IsRequired: true),
            new FormKey("events", new ListForm(Event, "a list of events"), "On what it runs.", IsRequired: true),
            new FormKey("function", CommonForms.ObjectName, "The function that it calls.", IsRequired: true),
            new FormKey("arguments", new ListForm(CommonForms.AnyText, "a list of texts"), "Texts that the function gets."),
            new FormKey("for_each", new ChoiceForm("row", "statement"), "How often it runs; once a statement unless set."),
            new FormKey("when", CommonForms.Expression, "The condition under which it runs."),
            new FormKey("old_table", CommonForms.Name, "What the function calls the rows as they were."),
            new FormKey("new_table", CommonForms.Name, "What the function calls the rows as they are."),
            new FormKey("constraint", CommonForms.Flag, "True makes it a constraint trigger, which can be put off."),
            new FormKey("deferrable", CommonForms.Flag, "True when a transaction may put it off to its end.") { Needs = ["constraint"] },
            new FormKey("initially_deferred", CommonForms.Flag, "True when it is put off unless the transaction says otherwise.") { Needs = ["deferrable"] },
        ], Build);

    /// <inheritdoc/>
    public override string Name => Kind.CreateKey;

    /// <summary>The table or view.</summary>
    public required ObjectName Table { get; init; }

    /// <summary>The trigger's name.</summary>
    public required string Trigger { get; init; }

    /// <summary><c>before</c>, <c>after</c> or <c>instead of</c>.</summary>
    public required string Timing { get; init; }

    /// <summary>The events in SQL.</summary>
    public required ImmutableArray<string> Events { get; init; }

    /// <summary>The function that it calls.</summary>
    public required ObjectName Function { get; init; }

    /// <summary>Texts that the function gets.</summary>
    public ImmutableArray<string> Arguments { get; init; } = [];

    /// <summary><c>row</c> or <c>statement</c>; null for <c>statement</c>.</summary>
    public string? ForEach { get; init; }

    /// <summary>The condition under which it runs, or null.</summary>
    public string? When { get; init; }

    /// <summary>The transition tables in SQL.</summary>
    public ImmutableArray<string> TransitionTables { get; init; } = [];

    /// <summary>Is it a constraint trigger?</summary>
    public bool IsConstraint { get; init; }

    /// <summary>May a transaction put it off?</summary>
    public bool IsDeferrable { get; init; }

    /// <summary>Is it put off unless the transaction says otherwise?</summary>
    public bool IsInitiallyDeferred { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<SourceText> ToSql(SqlTokens tokens)
    {
        var sql = new StringBuilder($"CREATE {(IsConstraint ? "CONSTRAINT " : "")}TRIGGER {SqlIdentifier.Quote(Trigger)} {Timing.ToUpperInvariant()} {string.Join(" OR ", Events)} ON {Table.ToSql(tokens, Scope)}")
            .Append(IsDeferrable ? " DEFERRABLE" : "")
            .Append(IsInitiallyDeferred ? " INITIALLY DEFERRED" : "")
            .Append(TransitionTables.IsEmpty ? "" : $" REFERENCING {string.Join(' ', TransitionTables)}")
            .Append(ForEach is null ? "" : $" FOR EACH {ForEach.ToUpperInvariant()}")
            .Append(When is null ? "" : $" WHEN ({When})");
        yield return Statement(sql.Append($" EXECUTE FUNCTION {Function.ToSql(tokens, Scope)}({string.Join(", ", Arguments.Select(SqlLiteral.Quote))})").ToString());
    }

    /// <inheritdoc/>
    public override Inverse Invert() => Inverse.By(new DropFromTable { Position = Position, Scope = Scope, Kind = Kind, Table = Table, Target = Trigger, Was = this });

    private static CreateTrigger Build(ObjectName table, string name, Fields fields, BuildContext context) => new()
    {
        Position = context.Position,
        Scope = context.Scope,
        Table = table,
        Trigger = name,
        Timing = fields.Text("timing"),
        Events = [.. fields.Items("events").Select(static node => node is YamlScalar word ? word.Value.ToUpperInvariant() : $"UPDATE OF {SqlText.QuoteAll(Fields.Of(node).Texts("update"))}")],
        Function = fields.Name("function"),
        Arguments = fields.Texts("arguments"),
        ForEach = fields.OptionalText("for_each"),
        When = fields.OptionalText("when"),
        TransitionTables = [.. TransitionTable("old", fields), .. TransitionTable("new", fields)],
        IsConstraint = fields.Flag("constraint"),
        IsDeferrable = fields.Flag("deferrable"),
        IsInitiallyDeferred = fields.Flag("initially_deferred"),
    };

    private static IEnumerable<string> TransitionTable(string side, Fields fields)
    {
        if (fields.OptionalText($"{side}_table") is { } name)
        {
            yield return $"{side.ToUpperInvariant()} TABLE AS {SqlIdentifier.Quote(name)}";
        }
    }
}
