using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>create_sequence</c>.</summary>
public sealed record CreateSequence : CreateObject
{
    private static readonly ObjectKind Sequence = new("sequence", "SEQUENCE", "{start: 1}");

    /// <summary>How manifests write it and its end.</summary>
    internal static readonly (OperationDefinition Create, OperationDefinition Drop) Definitions = Define(Sequence, SequenceOptions.Keys,
        static (name, fields, context) => new CreateSequence { Position = context.Position, Scope = context.Scope, Target = name, Options = SequenceOptions.Build(fields) });

    /// <inheritdoc/>
    public override ObjectKind Kind => Sequence;

    /// <summary>What it is like.</summary>
    public required SequenceOptions Options { get; init; }

    private protected override string CreateSql(string name, SqlTokens tokens) => $"CREATE SEQUENCE {name}{Options.ToSql(tokens, Scope)}";
}
