using System.Collections.Immutable;
using System.Text;
using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>create_function</c> and <c>create_procedure</c>.</summary>
public sealed record CreateRoutine : Operation
{
    /// <summary>How manifests write a function.</summary>
    internal static readonly OperationDefinition Function = Define(RoutineKind.Function);

    /// <summary>How manifests write a procedure.</summary>
    internal static readonly OperationDefinition Procedure = Define(RoutineKind.Procedure);

    /// <inheritdoc/>
    public override string Name => $"create_{Kind.Key}";

    /// <summary>Function or procedure.</summary>
    public required RoutineKind Kind { get; init; }

    /// <summary>The routine.</summary>
    public required ObjectName Routine { get; init; }

    /// <summary>Its arguments.</summary>
    public ImmutableArray<RoutineArgument> Arguments { get; init; } = [];

    /// <summary>The language of the body.</summary>
    public required string Language { get; init; }

    /// <summary>The body.</summary>
    public required string Body { get; init; }

    /// <summary>What it gives, or null.</summary>
    public string? Returns { get; init; }

    /// <summary>Its attributes in SQL, such as <c>STABLE</c>.</summary>
    public ImmutableArray<string> Attributes { get; init; } = [];

    /// <summary>A comment on it; null leaves what is there.</summary>
    public OptionalValue? Comment { get; init; }

    /// <summary>Does it replace one that is there?</summary>
    public bool IsReplacement { get; init; }

    /// <summary>The routine that it replaces, or null.</summary>
    public CreateRoutine? Was { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<SourceText> ToSql(SqlTokens tokens)
    {
        var name = Routine.ToSql(tokens, Scope);
        var sql = new StringBuilder($"CREATE {(IsReplacement ? "OR REPLACE " : "")}{Kind.Sql} {name}{RoutineArgument.Declaration(Arguments)}")
            .Append(Returns is null ? "" : $" RETURNS {Returns}")
            .Append("\nLANGUAGE ").Append(SqlIdentifier.Quote(Language))
            .AppendJoin("", Attributes.Select(static attribute => $"\n{attribute}"));
        var tag = Tag();
        yield return Statement(sql.Append("\nAS ").Append(tag).Append(Body).Append(tag).ToString());
        if (Comment is not null)
        {
            yield return Statement(SqlText.Comment($"{Kind.Sql} {name}{RoutineArgument.Signature(Arguments)}", Comment.Text));
        }
    }

    /// <inheritdoc/>
    public override Inverse Invert() => !IsReplacement ? Inverse.By(new DropRoutine { Position = Position, Scope = Scope, Kind = Kind, Routine = Routine, Arguments = Arguments, Was = this })
        : Was is null ? Inverse.Unknown($"{Kind.Key} '{Routine}'", "replaced", "{language: ..., body: ...}")
        : Inverse.By(Was with { IsReplacement = true, Was = this, Comment = Comment is null ? null : Was.Comment ?? new OptionalValue(null) });

    /// <summary>Builds a routine from checked values.</summary>
    internal static CreateRoutine Build(RoutineKind kind, ObjectName routine, ImmutableArray<RoutineArgument> arguments, Fields fields, BuildContext context) => new()
    {
        Position = context.Position,
        Scope = context.Scope,
        Kind = kind,
        Routine = routine,
        Arguments = arguments,
        Language = fields.Text("language"),
        Body = fields.Text("body"),
        Returns = fields.OptionalText("returns"),
        Attributes = [.. AttributesOf(fields)],
        Comment = fields.OptionalText("comment") is { } comment ? new OptionalValue(comment) : null,
        IsReplacement = fields.Flag("replace"),
        Was = fields.Object("was") is { } was ? Build(kind, routine, arguments, was, context) : null,
    };

    private static OperationDefinition Define(RoutineKind kind) => new($"create_{kind.Key}", $"Creates a {kind.Key}.",
        new ObjectForm("a mapping with 'name', 'language' and 'body'",
        [
            new FormKey("name", CommonForms.ObjectName, "Its name.", IsRequired: true),
            RoutineArgument.Key,
            .. kind.Keys,
            new FormKey("replace", CommonForms.Flag, "True puts it in the place of one with these arguments."),
            new FormKey("was", new ObjectForm("a mapping with 'language' and 'body'", kind.Keys), $"The {kind.Key} that is replaced, so that 'down: auto' can put it back.") { Needs = ["replace"] },
        ]),
        (node, context) => Build(kind, Fields.Of(node).Name("name"), RoutineArgument.Build(Fields.Of(node)), Fields.Of(node), context));

    private static IEnumerable<string> AttributesOf(Fields fields)
    {
        string?[] words =
        [
            fields.OptionalText("volatility")?.ToUpperInvariant(),
            fields.Flag("strict") ? "STRICT" : null,
            fields.Flag("leakproof") ? "LEAKPROOF" : null,
            fields.OptionalText("security") is { } security ? $"SECURITY {security.ToUpperInvariant()}" : null,
            fields.OptionalText("parallel") is { } parallel ? $"PARALLEL {parallel.ToUpperInvariant()}" : null,
            fields.OptionalText("cost") is { } cost ? $"COST {cost}" : null,
            fields.OptionalText("rows") is { } rows ? $"ROWS {rows}" : null,
        ];
        return words.OfType<string>().Concat(fields.Entries("set").Select(static setting => $"SET {setting.Key.Value} TO {((Manifests.Yaml.YamlScalar)setting.Value).Value}"));
    }

    /// <summary>A dollar quote that the body does not hold.</summary>
    private string Tag()
    {
        var tag = "$body$";
        for (var number = 1; (Body + "$").Contains(tag, StringComparison.Ordinal); number++)
        {
            tag = $"$body{number}$";
        }

        return tag;
    }
}
