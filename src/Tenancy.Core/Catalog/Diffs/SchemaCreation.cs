using System.Collections.Immutable;
using Tenancy.Core.Manifests;
using Tenancy.Core.Sql;
using Tenancy.Model;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>The statements that make all of a schema, compiled once and rendered for each: the difference between nothing and a snapshot, by way of a manifest like any other.</summary>
public sealed class SchemaCreation
{
    private static readonly CatalogObject Empty = new() { Identity = new("schema", ""), Properties = CatalogObject.NoProperties };

    private readonly ImmutableArray<SqlTemplate> statements;

    private SchemaCreation(ImmutableArray<SqlTemplate> statements, ImmutableArray<InexpressibleDifference> inexpressible) => (this.statements, Inexpressible) = (statements, inexpressible);

    /// <summary>What of the snapshot no statement makes.</summary>
    public ImmutableArray<InexpressibleDifference> Inexpressible { get; }

    /// <summary>How many statements there are.</summary>
    public int Count => statements.Length;

    /// <summary>Compiles the statements.</summary>
    /// <param name="snapshot">What the schema is to hold. Definitions with bare names need the schema first in <c>search_path</c> when the statements run.</param>
    /// <param name="options">Which properties do not count, and the tokens; the forms are always the plain ones.</param>
    /// <exception cref="ManifestException">A definition that no manifest can hold.</exception>
    public static SchemaCreation Of(SchemaSnapshot snapshot, DiffOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        options = (options ?? new()) with { UsesPlainForms = true, Renames = [] };
        var (whole, failed) = FailedIndexes.Whole(snapshot);
        var diff = SchemaDiff.Compare(new SchemaSnapshot([Empty], []), whole, options);
        ImmutableArray<InexpressibleDifference> inexpressible = [.. diff.Inexpressible, .. failed];
        if (diff.Changes.IsEmpty)
        {
            return new([], inexpressible);
        }

        var project = new TenancyProject { Fleet = "creation", ManifestFolder = "", Path = "", Tokens = options.Tokens };
        var scope = options.Scope == MigrationScope.Shared ? "scope: shared\n" : "";
        var manifest = ManifestReader.ReadText($"revision: creation\n{scope}up:\n{diff.ToYaml()}down: []\n", "the snapshot", project);
        return new([.. manifest.Up.SelectMany(static operation => operation.Statements).Select(static statement => statement.Template)], inexpressible);
    }

    /// <summary>The statements for one schema, in order, without semicolons at their ends. They run in one transaction, by the role that is to own the objects; they neither create the schema nor set the path.</summary>
    /// <param name="values">The names of the tenant and of the shared schema.</param>
    public IEnumerable<string> Render(SqlValues values) => statements.Select(statement => statement.Render(values));
}
