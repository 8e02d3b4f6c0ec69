using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>refresh_materialized_view</c>. Nothing undoes it: its rows follow from other tables.</summary>
public sealed record RefreshMaterializedView : Operation
{
    /// <summary>How manifests write it.</summary>
    internal static readonly OperationDefinition Definition = new("refresh_materialized_view", "Computes the rows of a materialized view anew.",
        new ObjectForm("a mapping with 'name'",
            new FormKey("name", CommonForms.ObjectName, "The materialized view.", IsRequired: true),
            new FormKey("concurrently", CommonForms.Flag, "True blocks no readers; it needs a unique index, and rows that are there."),
            new FormKey("with_data", CommonForms.Flag, "False empties it, and leaves it unusable until the next refresh; true unless set.")),
        static (node, context) =>
        {
            var fields = Fields.Of(node);
            var refresh = new RefreshMaterializedView
            {
                Position = context.Position,
                Scope = context.Scope,
                View = fields.Name("name"),
                IsConcurrent = fields.Flag("concurrently"),
                HasData = fields.OptionalFlag("with_data") ?? true,
            };
            if (refresh is { IsConcurrent: true, HasData: false })
            {
                context.Errors.Report(fields.Position, "PostgreSQL does not empty a materialized view concurrently. Remove 'concurrently' or 'with_data: false'.");
            }

            return refresh;
        });

    /// <inheritdoc/>
    public override string Name => Definition.Name;

    /// <summary>The materialized view.</summary>
    public required ObjectName View { get; init; }

    /// <summary>Are readers not blocked?</summary>
    public bool IsConcurrent { get; init; }

    /// <summary>Is it filled?</summary>
    public bool HasData { get; init; } = true;

    /// <inheritdoc/>
    public override IEnumerable<SourceText> ToSql(SqlTokens tokens) =>
        [Statement($"REFRESH MATERIALIZED VIEW {(IsConcurrent ? "CONCURRENTLY " : "")}{View.ToSql(tokens, Scope)}{(HasData ? "" : " WITH NO DATA")}")];

    /// <inheritdoc/>
    public override Inverse Invert() => Inverse.By();
}
