using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>alter_sequence</c>.</summary>
public sealed record AlterSequence : Operation
{
    /// <summary>The key that only a sequence already there has.</summary>
    internal static readonly FormKey Restart = new("restart", CommonForms.Integer, "The next number.");

    /// <summary>How manifests write it.</summary>
    internal static readonly OperationDefinition Definition = new("alter_sequence", "Changes a sequence: its name, options or next number.",
        new ObjectForm("a mapping with 'name' and what changes",
        [
            new FormKey("name", CommonForms.ObjectName, "The sequence.", IsRequired: true),
            new FormKey("rename", CommonForms.Name, "Its new name, without a schema."),
            .. SequenceOptions.Keys,
            Restart,
            new FormKey("was", new ObjectForm("a mapping such as {increment: 1}", [.. SequenceOptions.Keys, Restart]), "How it was, so that 'down: auto' can change it back."),
        ]),
        static (node, context) =>
        {
            var fields = Fields.Of(node);
            var options = SequenceOptions.Build(fields);
            if (options.IsEmpty && !fields.Has("rename"))
            {
                context.Errors.Report(fields.Position, "Nothing changes here. Write 'rename', 'restart' or an option of the sequence such as 'increment'.");
                return null;
            }

            return new AlterSequence
            {
                Position = context.Position,
                Scope = context.Scope,
                Sequence = fields.Name("name"),
                Rename = fields.OptionalText("rename"),
                Options = options,
                Was = fields.Object("was") is { } was ? SequenceOptions.Build(was) : null,
            };
        });

    /// <inheritdoc/>
    public override string Name => Definition.Name;

    /// <summary>The sequence.</summary>
    public required ObjectName Sequence { get; init; }

    /// <summary>Its new name, or null.</summary>
    public string? Rename { get; init; }

    /// <summary>What changes.</summary>
    public required SequenceOptions Options { get; init; }

    /// <summary>How it was, or null.</summary>
    public SequenceOptions? Was { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<SourceText> ToSql(SqlTokens tokens)
    {
        var sequence = Sequence.ToSql(tokens, Scope);
        if (!Options.IsEmpty)
        {
            yield return Statement($"ALTER SEQUENCE {sequence}{Options.ToSql(tokens, Scope)}");
        }

        if (Rename is not null)
        {
            yield return Statement($"ALTER SEQUENCE {sequence} RENAME TO {SqlIdentifier.Quote(Rename)}");
        }
    }

    /// <inheritdoc/>
    public override Inverse Invert()
    {
        if (Options.Missing(Was) is { } missing)
        {
            return Inverse.Unknown($"'{missing}' of the sequence '{Sequence}'", "changed", $"{{{missing}: ...}}");
        }

        return Inverse.By([.. Steps()]);
    }

    private IEnumerable<Operation> Steps()
    {
        if (Rename is not null)
        {
            yield return this with { Sequence = Sequence with { Name = Rename }, Rename = Sequence.Name, Options = SequenceOptions.Nothing, Was = null };
        }

        if (!Options.IsEmpty)
        {
            yield return this with { Rename = null, Options = Options.Back(Was!), Was = Options };
        }
    }
}
