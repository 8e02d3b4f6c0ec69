using System.Collections.Immutable;
using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>drop_function</c> and <c>drop_procedure</c>.</summary>
public sealed record DropRoutine : Operation
{
    /// <summary>How manifests write a function's end.</summary>
    internal static readonly OperationDefinition Function = Define(RoutineKind.Function);

    /// <summary>How manifests write a procedure's end.</summary>
    internal static readonly OperationDefinition Procedure = Define(RoutineKind.Procedure);

    /// <inheritdoc/>
    public override string Name => $"drop_{Kind.Key}";

    /// <summary>Function or procedure.</summary>
    public required RoutineKind Kind { get; init; }

    /// <summary>The routine.</summary>
    public required ObjectName Routine { get; init; }

    /// <summary>Its arguments, which tell it from others of its name.</summary>
    public ImmutableArray<RoutineArgument> Arguments { get; init; } = [];

    /// <summary>Is its absence no error?</summary>
    public bool IfExists { get; init; }

    /// <summary>The routine as it was, or null.</summary>
    public CreateRoutine? Was { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<SourceText> ToSql(SqlTokens tokens) =>
        [Statement($"DROP {Kind.Sql} {(IfExists ? "IF EXISTS " : "")}{Routine.ToSql(tokens, Scope)}{RoutineArgument.Signature(Arguments)}")];

    /// <inheritdoc/>
    public override Inverse Invert() => Was is null ? Inverse.Unknown($"{Kind.Key} '{Routine}'", "dropped", "{language: ..., body: ...}") : Inverse.By(Was);

    private static OperationDefinition Define(RoutineKind kind) => new($"drop_{kind.Key}", $"Drops a {kind.Key}.",
        new ObjectForm("a mapping with 'name'",
            new FormKey("name", CommonForms.ObjectName, $"The {kind.Key}.", IsRequired: true),
            RoutineArgument.Key,
            new FormKey("if_exists", CommonForms.Flag, "True when its absence is no error."),
            new FormKey("was", new ObjectForm("a mapping with 'language' and 'body'", kind.Keys), $"The {kind.Key} as it was, so that 'down: auto' can create it again.")),
        (node, context) =>
        {
            var fields = Fields.Of(node);
            var (name, arguments) = (fields.Name("name"), RoutineArgument.Build(fields));
            return new DropRoutine
            {
                Position = context.Position,
                Scope = context.Scope,
                Kind = kind,
                Routine = name,
                Arguments = arguments,
                IfExists = fields.Flag("if_exists"),
                Was = fields.Object("was") is { } was ? CreateRoutine.Build(kind, name, arguments, was, context) : null,
            };
        });
}
