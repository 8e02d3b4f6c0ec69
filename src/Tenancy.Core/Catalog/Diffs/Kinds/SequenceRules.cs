using System.Text.Json.Nodes;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>Sequences that belong to no identity column.</summary>
internal sealed class SequenceRules() : KindRules("type", "increment", "minvalue", "maxvalue", "start", "cache", "cycle", "unlogged")
{
    /// <inheritdoc/>
    public override bool GoesWithContainer => true;

    /// <inheritdoc/>
    public override bool HasComment(CatalogObject item) => true;

    /// <inheritdoc/>
    public override void Create(ChangeNode node, DiffContext context)
    {
        var sequence = node.To!;
        var owner = node.Absorbed.Find(static part => part.Identity.Kind == ObjectSet.Owned)?.To;
        context.Write("create_sequence", [("name", DiffContext.Named(sequence.Name())), .. SequenceText.Options(sequence).ToArray(), ("owned_by", OwnedRules.Owner(owner)), ("comment", Attributes.Comment(sequence))]);
        if (sequence.Is("unlogged"))
        {
            Log(sequence, context);
        }
    }

    /// <inheritdoc/>
    public override void Drop(ChangeNode node, DiffContext context)
    {
        context.Write("drop_sequence", ("name", DiffContext.Named(node.From!.Name())));
        context.Warn(Hazards.Deletes($"The place that {node.Identity.Name} counts from"));
    }

    /// <inheritdoc/>
    public override void Alter(ChangeNode node, DiffContext context)
    {
        if (SequenceText.Changes(node.From, node.To) is { Count: > 0 } changes)
        {
            context.Write("alter_sequence", [("name", DiffContext.Named(node.From!.Name())), .. changes.ToArray()]);
        }

        if (node.From!["unlogged"] != node.To!["unlogged"])
        {
            Log(node.To, context);
        }
    }

    private static void Log(CatalogObject sequence, DiffContext context)
    {
        var head = $"ALTER SEQUENCE {context.InSql(sequence.Name())} SET";
        context.WriteSql($"{head} {(sequence.Is("unlogged") ? "UNLOGGED" : "LOGGED")}");
    }
}

/// <summary>The column that a sequence goes with.</summary>
internal sealed class OwnedRules() : KindRules(ObjectSet.Owned)
{
    /// <inheritdoc/>
    public override bool GoesWithContainer => true;

    /// <summary>A sequence has the owner of its column's table before it goes with it (manual, ALTER SEQUENCE).</summary>
    public override bool IsPartOfCreation(CatalogObject item, DiffContext context) => context.To.Objects.GetValueOrDefault(new("sequence", item.Identity.Name))?["owner"] is null;

    /// <summary>The owner as manifests write it; absent for none.</summary>
    public static JsonNode? Owner(CatalogObject? item) => item?.Mapping(ObjectSet.Owned) is { } owner
        ? ManifestMapping.Of(("table", DiffContext.Named(PropertyValue.Text(owner["table"]))), ("column", PropertyValue.Text(owner["column"])))
        : null;

    /// <inheritdoc/>
    public override void Create(ChangeNode node, DiffContext context) => Set(node, Owner(node.To), context);

    /// <inheritdoc/>
    public override void Alter(ChangeNode node, DiffContext context)
    {
        var sequence = new ObjectIdentity("sequence", node.Identity.Name);
        if (context.From.Objects[sequence]["owner"] != context.To.Objects[sequence]["owner"] && PropertyValue.Text(node.From!.Mapping(ObjectSet.Owned)!["table"]) != PropertyValue.Text(node.To!.Mapping(ObjectSet.Owned)!["table"]))
        {
            // Nobody gives away one that goes with a table.
            Set(node, ManifestMapping.TextOrNull(null), context);
            Attributes.SetOwner(context.To.Objects[sequence], context);
        }

        Set(node, Owner(node.To), context);
    }

    /// <inheritdoc/>
    public override void Drop(ChangeNode node, DiffContext context) => Set(node, ManifestMapping.TextOrNull(null), context);

    private static void Set(ChangeNode node, JsonNode? owner, DiffContext context) => context.Write("alter_sequence", ("name", DiffContext.Named(node.Identity.Name)), ("owned_by", owner));
}

/// <summary>What is unusual about the sequence of an identity column.</summary>
internal sealed class IdentitySequenceRules() : KindRules("increment", "minvalue", "maxvalue", "start", "cache", "cycle")
{
    /// <inheritdoc/>
    public override bool GoesWithContainer => true;

    /// <inheritdoc/>
    public override string? Obstacle(CatalogObject? from, CatalogObject? to, DiffContext context) =>
        to?["name"] is not null && from?["name"] != to["name"] && IsTaken(Usual(to.Identity), context) ? "Its sequence has a name of its own, and another object has the one that PostgreSQL would choose. Rename it with the operation 'sql': ALTER SEQUENCE … RENAME TO …."
        : from?["type"] != to?["type"] ? "Its sequence counts in another type. Write ALTER SEQUENCE … AS … with the operation 'sql'."
        : null;

    /// <inheritdoc/>
    public override bool IsPartOfCreation(CatalogObject item, DiffContext context) => true;

    /// <inheritdoc/>
    public override void Rename(ChangeNode node, DiffContext context) => context.Write("rename_sequence", ("from", DiffContext.Named(node.From!.Name())), ("to", node.To!.Name()));

    /// <inheritdoc/>
    public override bool OwnsAttributes => true;

    /// <inheritdoc/>
    public override void Create(ChangeNode node, DiffContext context)
    {
        Set(node, context);
        Name(node, context);
        if (context.From.Column(node.Identity.Table!, node.Identity.Name)?["identity"] is null)
        {
            Attributes.Create(node.To!, context, hasComment: false);
        }
        else
        {
            // It is there, and there was nothing to say of it: what is given by default counts for new ones only.
            Attributes.Alter(node.To!.With(CatalogObject.NoProperties), node.To!, context);
        }
    }

    /// <summary>Gives a new sequence the name that it has, which a table or column that was renamed once leaves to it.</summary>
    public static void Name(ChangeNode node, DiffContext context)
    {
        if (node.To!["name"] is { } name && name != Usual(node.Identity) && context.From.Column(node.Identity.Table!, node.Identity.Name)?["identity"] is null)
        {
            context.Write("rename_sequence", ("from", DiffContext.Named(Usual(node.Identity))), ("to", name));
        }
    }

    /// <summary>Takes from the sequence of a new identity, of which nothing else is to be said, what the schema's owner gives on sequences by default.</summary>
    public static void Close(CatalogObject column, DiffContext context)
    {
        var sequence = column.Identity with { Kind = "identity_sequence" };
        if (column["identity"] is not null && !column.Is("inherited") && !context.To.Objects.ContainsKey(sequence))
        {
            Attributes.Create(new CatalogObject { Identity = sequence, Properties = CatalogObject.NoProperties }, context, hasComment: false);
        }
    }

    /// <inheritdoc/>
    public override void Alter(ChangeNode node, DiffContext context) => Set(node, context);

    /// <inheritdoc/>
    public override void Drop(ChangeNode node, DiffContext context)
    {
        // With the column, or with its being one, the sequence goes by itself.
        if (context.To.Column(node.Identity.Table!, node.Identity.Name)?["identity"] is not null && context.From.Column(node.Identity.Table!, node.Identity.Name)?["identity"] is not null)
        {
            Set(node, context);
            Attributes.Alter(node.From!, node.From!.With(CatalogObject.NoProperties), context);
        }
    }

    /// <summary>The name that PostgreSQL chooses for the sequence of a column.</summary>
    public static string Usual(ObjectIdentity column) => Operations.SqlText.ConstraintName(column.Table!, [column.Name], "seq", new HashSet<string>());

    private static bool IsTaken(string name, DiffContext context) => new[] { context.From, context.To }.Any(set => set.Relation(name) is not null || set.Objects.ContainsKey(new("sequence", name)));

    private static void Set(ChangeNode node, DiffContext context)
    {
        if (SequenceText.Changes(node.From, node.To) is { Count: > 0 } changes)
        {
            context.Write("alter_column", ("table", DiffContext.Named(node.Identity.Table!)), ("name", node.Identity.Name), ("identity", ManifestMapping.Of(changes.ToArray())));
            context.WarnInstant(node.Identity.Table!);
        }
    }
}
