using System.Collections.Immutable;
using Tenancy.Core.Manifests;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog.Scratch;

/// <summary>One statement of SQL that says how a schema is to be.</summary>
/// <param name="Template">The statement, with places for the schemas.</param>
/// <param name="Position">Where it stands.</param>
/// <param name="Command">Its command in capitals.</param>
/// <param name="IsOwner">True for <c>ALTER … OWNER TO</c>, which the role that logs in runs, at the end.</param>
internal sealed record DesiredStatement(SqlTemplate Template, SourcePosition Position, string Command, bool IsOwner);

/// <summary>SQL that says how a schema is to be, read and checked; not yet run.</summary>
internal sealed record DesiredSql
{
    /// <summary>What to call it.</summary>
    public required string Name { get; init; }

    /// <summary>The statements, in order.</summary>
    public required ImmutableArray<DesiredStatement> Statements { get; init; }

    /// <summary>The schema in it that stands for the tenant's, besides bare names and the token; null where none does.</summary>
    public required string? Schema { get; init; }

    /// <summary>Extensions that it asks for, which the database must have.</summary>
    public ImmutableArray<(string Name, SourcePosition Position)> Extensions { get; init; } = [];

    /// <summary>Tables of other schemas that keys go to, as they are written: their locks are meant.</summary>
    public ImmutableArray<Touch> References { get; init; } = [];

    /// <summary>What was left out, each in a sentence.</summary>
    public ImmutableArray<string> LeftOut { get; init; } = [];

    /// <summary>True where it has a GRANT, a REVOKE or default privileges.</summary>
    public bool SaysGrants { get; init; }

    /// <summary>True where it says who owns what.</summary>
    public bool SaysOwners { get; init; }

    /// <summary>True for a dump, in which a function may stand before what it uses.</summary>
    public bool IsDump { get; init; }

    /// <summary>The same without what names roles.</summary>
    /// <param name="grants">True to leave out privileges.</param>
    /// <param name="owners">True to leave out owners.</param>
    public DesiredSql Without(bool grants, bool owners) => this with
    {
        Statements = Statements.RemoveAll(statement => (owners && statement.IsOwner) || (grants && (statement.Command is "GRANT" or "REVOKE" or "ALTER DEFAULT PRIVILEGES"))),
        SaysGrants = SaysGrants && !grants,
        SaysOwners = SaysOwners && !owners,
    };
}
