using System.Text;
using System.Text.Json.Nodes;
using Tenancy.Core.Operations;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>What stands inside the statement that creates a table.</summary>
internal static class TableParts
{
    private static readonly string[] Order = ["primary_key", "unique", "check", "exclude", "foreign_key"];

    /// <summary>True for a table that no typed operation makes.</summary>
    public static bool IsExotic(CatalogObject table) =>
        table["inherits"] is not null || table["of_type"] is not null || table["access_method"] is not null || table["tablespace"] is not null
        || (table["partition_of"] is not null && table.Is("unlogged")) || (table["partition_by"] is { } key && !Partitions.IsPlain(key));

    /// <summary>The columns that the statement creates, as <c>create_table</c> writes them.</summary>
    public static List<JsonNode> Columns(ChangeNode node, DiffContext context)
    {
        var key = SoleKey(node);
        return [.. Nodes(node, "column").OrderBy(static column => column.To!.Position).Select(column => (JsonNode)ColumnText.Of(column.To!, Part(node, column, ObjectSet.Default), Part(node, column, "identity_sequence"), context, isKey: key == column.Identity.Name))];
    }

    /// <summary>The constraints that the statement creates, as <c>create_table</c> writes them.</summary>
    public static List<JsonNode> Constraints(ChangeNode node, DiffContext context) =>
        [.. ConstraintNodes(node).Where(constraint => SoleKey(node) is null || constraint.To!["primary_key"] is null).Select(constraint => (JsonNode)ConstraintText.Of(constraint.To!, context))];

    /// <summary>What the statement cannot say: options and comments of columns, comments of constraints.</summary>
    public static void Further(ChangeNode node, DiffContext context)
    {
        foreach (var column in Nodes(node, "column").OrderBy(static column => column.To!.Position))
        {
            ColumnText.Further(column.To!, context);
            Attributes.Create(column.To!, context, hasComment: !IsExotic(node.To!));
            IdentitySequenceRules.Close(column.To!, context);
        }

        foreach (var part in Nodes(node, "identity_sequence"))
        {
            IdentitySequenceRules.Name(part, context);
        }

        foreach (var part in Nodes(node, "identity_sequence").Concat(ConstraintNodes(node)))
        {
            Attributes.Create(part.To!, context, hasComment: false);
        }

        // A partition's columns are its table's; what it has otherwise is said of it alone.
        if (node.To!["partition_of"] is not null || node.To["inherits"] is not null)
        {
            foreach (var column in context.To.ColumnsOf(node.Identity.Name).Where(static column => column.Is("inherited") && !column.Is("local")))
            {
                ColumnText.Own(column, context);
                Attributes.Create(column, context, hasComment: false);
            }
        }
    }

    /// <summary>The statement in SQL.</summary>
    public static string CreateSql(CatalogObject table, ChangeNode node, DiffContext context)
    {
        var lines = Nodes(node, "column").OrderBy(static column => column.To!.Position).Select(column => ColumnText.Sql(column.To!, Part(node, column, ObjectSet.Default), Part(node, column, "identity_sequence"), context, isTyped: table["of_type"] is not null))
            .Concat(ConstraintNodes(node).Select(constraint => ConstraintText.Sql(constraint.To!, context))).ToList();
        var name = context.InSql(table.Identity.Name);
        var sql = new StringBuilder($"CREATE {(table.Is("unlogged") ? "UNLOGGED " : "")}TABLE {name}");
        if (table["of_type"] is { } type)
        {
            sql.Append($" OF {context.Qualified(type)}").Append(lines.Count == 0 ? "" : $" (\n    {string.Join(",\n    ", lines)}\n)");
        }
        else if (table["partition_of"] is { } parent)
        {
            sql.Append($" PARTITION OF {context.Qualified(parent)}").Append(lines.Count == 0 ? "" : $" (\n    {string.Join(",\n    ", lines)}\n)").Append($" {context.Sql(table["values"]!)}");
        }
        else
        {
            sql.Append(lines.Count == 0 ? " ()" : $" (\n    {string.Join(",\n    ", lines)}\n)");
        }

        var parameters = table.Parameters("with");
        return sql.Append(table["inherits"] is null ? "" : $" INHERITS ({string.Join(", ", table.Texts("inherits").Select(context.Qualified))})")
            .Append(table["partition_by"] is { } key ? $" PARTITION BY {context.Sql(key)}" : "")
            .Append(table["access_method"] is { } method ? $" USING {SqlIdentifier.Quote(method)}" : "")
            .Append(parameters.IsEmpty ? "" : $" WITH ({string.Join(", ", parameters.Select(static parameter => $"{parameter.Name} = {SqlLiteral.Quote(parameter.Value)}"))})")
            .Append(table["tablespace"] is { } space ? $" TABLESPACE {SqlIdentifier.Quote(space)}" : "").ToString();
    }

    private static IEnumerable<ChangeNode> Nodes(ChangeNode node, string kind) => node.Absorbed.Where(part => part.Identity.Kind == kind);

    private static IEnumerable<ChangeNode> ConstraintNodes(ChangeNode node) =>
        Nodes(node, "constraint").OrderBy(static part => Array.FindIndex(Order, kind => part.To![kind] is not null)).ThenBy(static part => part.Identity);

    private static CatalogObject? Part(ChangeNode node, ChangeNode column, string kind) =>
        node.Absorbed.Find(part => part.Identity.Kind == kind && part.Identity.Name == column.Identity.Name && part.Identity.Table == column.Identity.Table)?.To;

    /// <summary>The column that is the primary key by itself, under the name that PostgreSQL would choose, so that the column can say it; else null.</summary>
    private static string? SoleKey(ChangeNode node) =>
        !IsExotic(node.To!) && Nodes(node, "constraint").FirstOrDefault(static part => part.To!["primary_key"] is not null)?.To is { } key && key.Texts("primary_key") is [var column]
            && key.Properties.Keys.All(static property => property is "primary_key" or "comment") && key.Name() == SqlText.ConstraintName(node.Identity.Name, [], "pkey", new HashSet<string>())
            && Nodes(node, "column").Any(part => part.Identity.Name == column) ? column : null;
}
