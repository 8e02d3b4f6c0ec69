using System.Collections.Immutable;
using Tenancy.Core.Manifests;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary>One step of <c>up</c> or <c>down</c>. A typed operation knows its SQL, in tokens, and its own inverse.</summary>
public abstract record Operation
{
    /// <summary>Its name in a manifest, such as <c>add_column</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Where it stands in the manifest.</summary>
    public required SourcePosition Position { get; init; }

    /// <summary>The scope of its revision: the schema that a bare name of an object means.</summary>
    public MigrationScope Scope { get; init; }

    /// <summary><c>lock_timeout</c> for it; null means the project's.</summary>
    public TimeSpan? LockTimeout { get; init; }

    /// <summary><c>statement_timeout</c> for it; null means the project's.</summary>
    public TimeSpan? StatementTimeout { get; init; }

    /// <summary>For <c>transaction: none</c>: a query that gives one boolean, true when the operation's work is done; else null.</summary>
    public SourceText? DoneWhen { get; init; }

    /// <summary>The statements that undo it, where it takes them (<see cref="OperationDefinition.TakesUndo"/>) and does say; else null.</summary>
    public SourceText? Undo { get; init; }

    /// <summary>The statements that carry it out, as text with the project's schema tokens; compiled by <see cref="SqlCompiler"/>.</summary>
    /// <param name="tokens">The tokens to write for the schemas.</param>
    public abstract IEnumerable<SourceText> ToSql(SqlTokens tokens);

    /// <summary>What it changes outside its scope by its nature, so that no manifest need declare it under <c>touches</c>.</summary>
    /// <param name="tokens">The tokens to write for the schemas.</param>
    public virtual IEnumerable<Touch> Touches(SqlTokens tokens) => [];

    /// <summary>The operations that undo it, or why there are none.</summary>
    public abstract Inverse Invert();

    /// <summary>The inverse of what only its author can undo.</summary>
    private protected Inverse InvertByUndo() => Undo is null
        ? Inverse.None($"'down: auto' cannot undo '{Name}'. Add 'undo: SQL text' beside it, write 'down' yourself, or 'down: {{irreversible: why}}'.")
        : Inverse.By(new SqlOperation { Position = Undo.Start, Scope = Scope, Text = Undo });

    /// <summary>A statement made by a typed operation: errors in it are told at the operation's place.</summary>
    private protected SourceText Statement(string sql) => new(sql, Position, IsVerbatim: false);
}

/// <summary>What undoes an operation.</summary>
/// <param name="Operations">The operations, in the order to run; empty when nothing needs undoing.</param>
/// <param name="Obstacle">Why <c>down: auto</c> cannot undo it and what to write instead; null when it can.</param>
public sealed record Inverse(ImmutableArray<Operation> Operations, string? Obstacle)
{
    /// <summary>Undone by these operations.</summary>
    public static Inverse By(params ImmutableArray<Operation> operations) => new(operations, null);

    /// <summary>Cannot be undone automatically.</summary>
    public static Inverse None(string obstacle) => new([], obstacle);

    /// <summary>Cannot be undone unless <c>was</c> says how the object was.</summary>
    /// <param name="what">The object, with its kind.</param>
    /// <param name="change">What happens to it, such as <c>dropped</c>.</param>
    /// <param name="example">What 'was' may hold.</param>
    internal static Inverse Unknown(string what, string change, string example) =>
        None($"'down: auto' does not know how the {what} that is {change} here was. Add 'was: {example}', write 'down' yourself, or 'down: {{irreversible: why}}'.");
}
