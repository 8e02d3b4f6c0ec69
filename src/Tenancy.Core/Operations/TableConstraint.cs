using System.Collections.Immutable;
using Tenancy.Core.Manifests;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary>A constraint of a table. Its name is always explicit, so that it can be dropped by name in every tenant.</summary>
/// <param name="Name">Its name.</param>
public abstract record TableConstraint(string Name)
{
    /// <summary>May its check be put off to the end of the transaction?</summary>
    public bool IsDeferrable { get; init; }

    /// <summary>Is its check put off unless the transaction says otherwise?</summary>
    public bool IsInitiallyDeferred { get; init; }

    /// <summary>True to check new rows only, until it is validated (manual, ALTER TABLE, NOT VALID).</summary>
    public bool IsNotValid { get; init; }

    /// <summary>An index that is there and becomes the constraint's, which renames it; null to build one (manual, ALTER TABLE, ADD table_constraint_using_index).</summary>
    public string? UsingIndex { get; init; }

    /// <summary><c>CONSTRAINT name …</c>, for CREATE TABLE or after ADD.</summary>
    public string ToSql(SqlTokens tokens, MigrationScope scope)
    {
        var deferral = (IsDeferrable || IsInitiallyDeferred ? " DEFERRABLE" : "") + (IsInitiallyDeferred ? " INITIALLY DEFERRED" : "");
        var body = UsingIndex is null ? Body(tokens, scope) : $"{(this is PrimaryKeyConstraint ? "PRIMARY KEY" : "UNIQUE")} USING INDEX {SqlIdentifier.Quote(UsingIndex)}";
        return $"CONSTRAINT {SqlIdentifier.Quote(Name)} {body}{deferral}{(IsNotValid ? " NOT VALID" : "")}";
    }

    /// <summary>What follows the name.</summary>
    private protected abstract string Body(SqlTokens tokens, MigrationScope scope);
}

/// <summary>A primary key.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Columns">Its columns.</param>
/// <param name="Include">Columns carried along in its index.</param>
public sealed record PrimaryKeyConstraint(string Name, ImmutableArray<string> Columns, ImmutableArray<string> Include) : TableConstraint(Name)
{
    private protected override string Body(SqlTokens tokens, MigrationScope scope) =>
        $"PRIMARY KEY ({SqlText.QuoteAll(Columns)}){(Include.IsEmpty ? "" : $" INCLUDE ({SqlText.QuoteAll(Include)})")}";
}

/// <summary>A unique constraint.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Columns">Its columns.</param>
/// <param name="Include">Columns carried along in its index.</param>
/// <param name="NullsNotDistinct">True when two nulls count as equal.</param>
public sealed record UniqueConstraint(string Name, ImmutableArray<string> Columns, ImmutableArray<string> Include, bool NullsNotDistinct) : TableConstraint(Name)
{
    private protected override string Body(SqlTokens tokens, MigrationScope scope) =>
        $"UNIQUE {(NullsNotDistinct ? "NULLS NOT DISTINCT " : "")}({SqlText.QuoteAll(Columns)}){(Include.IsEmpty ? "" : $" INCLUDE ({SqlText.QuoteAll(Include)})")}";
}

/// <summary>A condition on each row.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Expression">The condition.</param>
/// <param name="IsNoInherit">True when child tables do not get it.</param>
public sealed record CheckConstraint(string Name, string Expression, bool IsNoInherit = false) : TableConstraint(Name)
{
    private protected override string Body(SqlTokens tokens, MigrationScope scope) => $"CHECK ({Expression}){(IsNoInherit ? " NO INHERIT" : "")}";
}

/// <summary>A foreign key.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Columns">Its columns.</param>
/// <param name="References">The other side.</param>
public sealed record ForeignKeyConstraint(string Name, ImmutableArray<string> Columns, Reference References) : TableConstraint(Name)
{
    private protected override string Body(SqlTokens tokens, MigrationScope scope) =>
        $"FOREIGN KEY ({SqlText.QuoteAll(Columns)}) {References.ToSql(tokens, scope)}";
}

/// <summary>An exclusion constraint: no two rows for which all comparisons hold.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Method">The index method, such as <c>gist</c>.</param>
/// <param name="Elements">Each element with its operator.</param>
/// <param name="Where">The rows that it is about; null for all.</param>
public sealed record ExcludeConstraint(string Name, string Method, ImmutableArray<(IndexElement Element, string Operator)> Elements, string? Where) : TableConstraint(Name)
{
    private protected override string Body(SqlTokens tokens, MigrationScope scope)
    {
        var elements = string.Join(", ", Elements.Select(static pair => $"{pair.Element.ToSql()} WITH {pair.Operator}"));
        return $"EXCLUDE USING {SqlIdentifier.Quote(Method)} ({elements}){(Where is null ? "" : $" WHERE ({Where})")}";
    }
}
