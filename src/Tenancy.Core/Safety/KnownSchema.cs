using System.Collections.Immutable;
using Tenancy.Core.Safety.Reading;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Safety;

/// <summary>
/// What the statements so far have made, as far as their text tells: those of revisions that are applied, and those of the plan that is judged. What is not known here is taken as there and full of rows.
/// </summary>
/// <param name="tokens">The project's tokens.</param>
internal sealed class KnownSchema(SqlTokens tokens)
{
    private readonly Dictionary<TableName, KnownTable> tables = [];
    private readonly HashSet<TableName> newObjects = [];
    private readonly Dictionary<TableName, bool> volatileFunctions = [];

    /// <summary>The table; null where nothing is known of it.</summary>
    public KnownTable? this[TableName table] => tables.GetValueOrDefault(table);

    /// <summary>Was it made in the plan that is judged?</summary>
    /// <param name="name">A table, view, function or the like.</param>
    public bool IsNew(TableName name) => newObjects.Contains(name);

    /// <summary>The table of an index that is known, or null.</summary>
    /// <param name="index">The index's name.</param>
    public TableName? TableOf(string index) => tables.FirstOrDefault(table => table.Value.Indexes.ContainsKey(index)).Key;

    /// <summary>Is a function known to give another value each time, or not to? Null where it is not known.</summary>
    /// <param name="function">The function.</param>
    public bool? IsVolatile(TableName function) => volatileFunctions.TryGetValue(function, out var isVolatile) ? isVolatile : null;

    /// <summary>Takes what a statement does.</summary>
    /// <param name="text">The statement.</param>
    /// <param name="isNew">True for the plan that is judged.</param>
    public void Apply(StatementText text, bool isNew)
    {
        if (text.Code.Is(0, "CREATE"))
        {
            Create(text, isNew);
        }
        else if (text.Code.Is(0, "DROP"))
        {
            Drop(text);
        }
        else if (text.Command is "ALTER TABLE" && text.Target is { } table)
        {
            foreach (var action in text.Actions)
            {
                Alter(table, action, isNew);
            }
        }
        else if (text.Command == "ALTER INDEX" && text.Target is { } index && text.Code.Follows(text.AfterTarget, "RENAME TO") && text.Code.Name(text.AfterTarget + 2) is { } renamed)
        {
            RenameIndex(index.Name, renamed);
        }
    }

    private void Create(StatementText text, bool isNew)
    {
        if (text.Target is not { } target || text.IsTemporary)
        {
            return;
        }

        switch (text.Command)
        {
            case "CREATE TABLE":
                // IF NOT EXISTS may find one that is full.
                AddTable(text, target, isNew && !HasIfNotExists(text));
                return;
            case "CREATE INDEX":
                if (text.Index is { } index)
                {
                    AddIndex(target, index, IndexColumns(text));
                }

                return;
            case "CREATE FUNCTION" or "CREATE PROCEDURE":
                volatileFunctions[target] = !HasWord(text, "STABLE") && !HasWord(text, "IMMUTABLE");
                break;
        }

        if (isNew && !text.Code.Is(1, "OR"))
        {
            newObjects.Add(target);
        }
    }

    private void AddTable(StatementText text, TableName target, bool isNew)
    {
        var table = new KnownTable { IsNew = isNew, IsPartitioned = HasWord(text, "PARTITION") && !HasPartitionOf(text) };
        tables[target] = table;
        if (isNew)
        {
            newObjects.Add(target);
        }

        foreach (var column in text.Columns)
        {
            Add(table, column, isNew: false);
        }

        foreach (var constraint in text.Constraints)
        {
            Add(target, table, constraint);
        }
    }

    private static void Add(KnownTable table, ColumnText column, bool isNew)
    {
        table.Types[column.Name] = column.Type;
        if (column.IsNotNull)
        {
            table.NotNull.Add(column.Name);
        }

        if (isNew)
        {
            table.NewColumns.Add(column.Name);
        }
    }

    private void Add(TableName name, KnownTable table, ConstraintText constraint)
    {
        switch (constraint.Kind)
        {
            case ConstraintKind.Unique or ConstraintKind.PrimaryKey when !constraint.Columns.IsEmpty:
                AddIndex(name, constraint.Name ?? $"{name.Name}_{string.Join('_', constraint.Columns)}", constraint.Columns);
                table.NotNull.UnionWith(constraint.Kind == ConstraintKind.PrimaryKey ? constraint.Columns : []);
                break;
            case ConstraintKind.Check when constraint.IsNotValid && constraint.Name is { } unproved:
                table.UnprovedNotNull[unproved] = constraint.KeepsFromNull;
                break;
            case ConstraintKind.Check:
                table.NotNull.UnionWith(constraint.KeepsFromNull);
                table.HasCheck = true;
                break;
            case ConstraintKind.NotNull when constraint.IsNotValid && constraint.Name is { } unproved:
                table.UnprovedNotNull[unproved] = constraint.Columns;
                break;
            case ConstraintKind.NotNull:
                table.NotNull.UnionWith(constraint.Columns);
                break;
            case ConstraintKind.ForeignKey when constraint.References is { } target && target.Schema == tokens.Shared:
                table.SharedKeys[constraint.Name ?? $"{table.SharedKeys.Count}"] = target;
                break;
        }
    }

    private void Alter(TableName name, TableAction action, bool isNew)
    {
        var table = Ensure(name);
        switch (action.Kind)
        {
            case ActionKind.AddColumn:
                Add(table, action.Column!, isNew);
                foreach (var constraint in action.Column!.Constraints)
                {
                    Add(name, table, constraint);
                }

                break;
            case ActionKind.AddConstraint:
                Add(name, table, action.Constraint!);
                break;
            case ActionKind.Validate when action.Name is { } constraint && table.UnprovedNotNull.Remove(constraint, out var columns):
                table.NotNull.UnionWith(columns);
                table.HasCheck = true;
                break;
            case ActionKind.SetNotNull when action.Name is { } column:
                table.NotNull.Add(column);
                break;
            case ActionKind.AlterType when action.Name is { } column:
                table.Types[column] = action.Type!;
                break;
            case ActionKind.DropColumn when action.Name is { } column:
                Forget(table, column);
                break;
            case ActionKind.DropConstraint when action.Name is { } constraint:
                table.Indexes.Remove(constraint);
                table.SharedKeys.Remove(constraint);
                break;
            case ActionKind.RenameColumn when action is { Name: { } before, NewName: { } after } && table.Types.TryGetValue(before, out var type):
                var (isOwn, isNotNull) = (table.NewColumns.Contains(before), table.NotNull.Contains(before));
                RenameInIndexes(table, before, after);
                Forget(table, before);
                table.Types[after] = type;
                _ = isOwn && table.NewColumns.Add(after);
                _ = isNotNull && table.NotNull.Add(after);
                break;
            case ActionKind.RenameTable when action is { NewName: { } after } && name.Schema == tokens.Tenant:
                Move(name, name with { Name = after });
                break;
        }
    }

    private static void RenameInIndexes(KnownTable table, string before, string after)
    {
        foreach (var (index, columns) in table.Indexes.ToList())
        {
            table.Indexes[index] = [.. columns.Select(column => column == before ? after : column)];
        }
    }

    private static void Forget(KnownTable table, string column)
    {
        table.Types.Remove(column);
        table.NotNull.Remove(column);
        table.NewColumns.Remove(column);
    }

    private void Drop(StatementText text)
    {
        foreach (var target in text.Targets)
        {
            if (text.Command == "DROP INDEX")
            {
                if (TableOf(target.Name) is { } table)
                {
                    tables[table].Indexes.Remove(target.Name);
                }
            }
            else if (text.Command is not ("DROP TRIGGER" or "DROP POLICY" or "DROP RULE"))
            {
                tables.Remove(target);
                newObjects.Remove(target);
                volatileFunctions.Remove(target);
            }
        }
    }

    private void Move(TableName from, TableName to)
    {
        if (tables.Remove(from, out var table))
        {
            tables[to] = table;
        }

        if (newObjects.Remove(from))
        {
            newObjects.Add(to);
        }
    }

    private void AddIndex(TableName table, string index, ImmutableArray<string> columns) => Ensure(table).Indexes[index] = columns;

    private void RenameIndex(string from, string to)
    {
        if (TableOf(from) is { } table && tables[table].Indexes.Remove(from, out var columns))
        {
            tables[table].Indexes[to] = columns;
        }
    }

    private KnownTable Ensure(TableName name)
    {
        if (!tables.TryGetValue(name, out var table))
        {
            tables[name] = table = new();
        }

        return table;
    }

    // An index of some of the rows serves no key.
    private static ImmutableArray<string> IndexColumns(StatementText text)
    {
        var open = text.AfterTarget;
        while (open < text.Code.Count && text.Code.Kind(open) != SqlTokenKind.OpenParenthesis)
        {
            open++;
        }

        var isPartial = false;
        for (var index = text.Code.AfterParentheses(open, text.Code.Count); index < text.Code.Count; index++)
        {
            isPartial |= text.Code.Is(index, "WHERE");
        }

        return isPartial || open >= text.Code.Count ? [] : StatementText.NamesIn(text.Code, open, text.Code.Count);
    }

    private static bool HasIfNotExists(StatementText text)
    {
        for (var index = 1; index < 6; index++)
        {
            if (text.Code.Follows(index, "IF NOT EXISTS"))
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasPartitionOf(StatementText text) => text.Code.Follows(text.AfterTarget, "PARTITION OF");

    private static bool HasWord(StatementText text, string word)
    {
        for (var index = text.AfterTarget; index < text.Code.Count; index++)
        {
            if (text.Code.Kind(index) == SqlTokenKind.OpenParenthesis)
            {
                index = text.Code.AfterParentheses(index, text.Code.Count) - 1;
            }
            else if (text.Code.Is(index, word))
            {
                return true;
            }
        }

        return false;
    }
}
