using System.Collections.Immutable;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Manifests.Yaml;
using Tenancy.Core.Operations;
using Tenancy.Core.Sql;
using Tenancy.Model;

namespace Tenancy.Core.Manifests;

/// <summary>Builds and compiles the operations of one manifest.</summary>
/// <param name="compiler">Compiles SQL.</param>
/// <param name="scope">The revision's scope.</param>
/// <param name="files">Reads SQL files.</param>
/// <param name="check">Errors, and which values have some.</param>
internal sealed class OperationBuilder(SqlCompiler compiler, MigrationScope scope, SqlFiles files, FormCheck check)
{
    /// <summary>Builds the operations of a list; those with errors are left out.</summary>
    /// <param name="steps">The list as checked.</param>
    public ImmutableArray<CompiledOperation> Build(IEnumerable<YamlNode> steps)
    {
        var context = new BuildContext(scope, compiler.Tokens, check.Errors, files);
        var operations = ImmutableArray.CreateBuilder<CompiledOperation>();
        foreach (var step in steps)
        {
            if (!check.Broken.Contains(step) && Guard(step.Position, () => Build((YamlMapping)step, context) is { } operation ? Compile(operation) : null) is { } compiled)
            {
                operations.Add(compiled);
            }
        }

        return operations.DrainToImmutable();
    }

    /// <summary>What undoes the operations, the last first.</summary>
    public ImmutableArray<CompiledOperation> Invert(ImmutableArray<CompiledOperation> up)
    {
        var operations = ImmutableArray.CreateBuilder<CompiledOperation>();

        // An index made here that became a constraint's goes with that: it is neither made again nor dropped.
        var made = up.Select(static step => step.Operation).OfType<CreateIndex>().Select(static index => index.QualifiedIndex).ToHashSet();
        made.IntersectWith(up.Select(static step => step.Operation).OfType<AddConstraint>().Where(static add => add.Constraint.UsingIndex is not null).Select(static add => add.Table with { Name = add.Constraint.UsingIndex! }));
        foreach (var (operation, _) in up.Reverse())
        {
            var inverse = operation.Invert();
            if (inverse.Obstacle is not null)
            {
                check.Errors.Report(operation.Position, inverse.Obstacle);
            }

            foreach (var undo in inverse.Operations.Where(undo => undo switch { CreateIndex index => !made.Contains(index.QualifiedIndex), DropIndex index => !made.Contains(index.Index), _ => true }))
            {
                if (Guard(operation.Position, () => Compile(undo with { LockTimeout = operation.LockTimeout, StatementTimeout = operation.StatementTimeout })) is { } compiled)
                {
                    operations.Add(compiled);
                }
            }
        }

        return operations.DrainToImmutable();
    }

    /// <summary>Compiles a query that must be one statement; null after an error.</summary>
    public SqlStatement? CompileQuery(SourceText query, string name)
    {
        var before = check.Errors.Count;
        var statements = compiler.Compile(query, check.Errors);
        if (check.Errors.Count > before)
        {
            return null;
        }

        if (statements.Length == 1)
        {
            return statements[0];
        }

        check.Errors.Report(query.Start, $"{name} must be one query that gives one boolean; here are {statements.Length} statements.");
        return null;
    }

    // What no form says of each text: a name or a value that PostgreSQL cannot have.
    private CompiledOperation? Guard(SourcePosition position, Func<CompiledOperation?> work)
    {
        try
        {
            return work();
        }
        catch (TenancyException error) when (error.ErrorId is "InvalidName" or "InvalidValue")
        {
            check.Errors.Report(position, $"{error.Message} {error.RecommendedAction}");
            return null;
        }
    }

    private static Operation? Build(YamlMapping step, BuildContext context)
    {
        var (definition, entry) = OperationForm.Find(step);
        var fields = new Fields(step);
        var operation = definition.Build(entry.Value, context with { Position = entry.Key.Position });
        return operation is null ? null : operation with
        {
            Undo = fields.Source(OperationForm.Undo.Name),
            DoneWhen = fields.Source("done_when"),
            LockTimeout = fields.Duration("lock_timeout"),
            StatementTimeout = fields.Duration("statement_timeout"),
        };
    }

    private CompiledOperation Compile(Operation operation)
    {
        var before = check.Errors.Count;
        var statements = operation.ToSql(compiler.Tokens).SelectMany(text => compiler.Compile(text, check.Errors)).ToImmutableArray();
        if (check.Errors.Count == before && statements.IsEmpty)
        {
            check.Errors.Report(operation.Position, "There is no SQL statement here. Write one, or remove the operation.");
        }

        if (operation is ChangeRows { Batches: { } batches } change && check.Errors.Count == before)
        {
            statements = InBatches(change, batches, statements);
        }

        if (operation.DoneWhen is { } query && check.Errors.Count == before)
        {
            statements = OutsideTransaction(operation, query, statements);
        }

        if (operation.DoneWhen is null)
        {
            foreach (var statement in statements.Where(static statement => statement.ExampleOfDoneWhen is not null))
            {
                check.Errors.Report(
                    statement.Position,
                    $"After a lost connection nobody knows whether {statement.Command} was done, and it cannot simply be repeated. Write it as an operation of its own, with 'transaction: none' and a query that gives true when it is done, such as 'done_when: {statement.ExampleOfDoneWhen}'.");
            }
        }

        return new CompiledOperation(operation, statements);
    }

    private ImmutableArray<SqlStatement> InBatches(ChangeRows change, RowBatches batches, ImmutableArray<SqlStatement> statements)
    {
        if (change.DoneWhen is not null)
        {
            check.Errors.Report(change.Position, "Each batch is a transaction of its own, and its place is kept: 'transaction: none' has no meaning beside 'batch'. Remove one of the two.");
            return statements;
        }

        var next = compiler.Compile(change.NextBatch(compiler.Tokens)!, check.Errors, hasValues: true).Single();
        return [statements[0] with { Command = change.Command, CommitBefore = true, CommitAfter = true, Batch = new(next.Template, batches.Size, batches.Pause, change.Table.Qualify(compiler.Tokens, scope).Schema!, change.Table.Name, batches.Key) }];
    }

    private ImmutableArray<SqlStatement> OutsideTransaction(Operation operation, SourceText query, ImmutableArray<SqlStatement> statements)
    {
        if (statements.Length != 1)
        {
            check.Errors.Report(operation.Position, $"'transaction: none' takes one statement; here are {statements.Length}. Write each as an operation of its own, with its own 'done_when'.");
            return statements;
        }

        return CompileQuery(query, "'done_when'") is { } done
            ? [statements[0] with { IsTransactional = false, DoneWhen = done.Template }]
            : statements;
    }
}
