using System.Collections.Immutable;

namespace Tenancy.Core.Sql;

/// <summary>SQL compiled once: joined with each tenant's quoted names.</summary>
/// <param name="Segments">The pieces in order.</param>
/// <param name="Source">The statement as written, before names and arguments: what history keeps.</param>
public sealed record SqlTemplate(ImmutableArray<SqlSegment> Segments, string Source)
{
    /// <summary>The SQL for one tenant.</summary>
    /// <param name="values">The tenant's names and the run's arguments.</param>
    /// <exception cref="Tenancy.Model.TenancyException">An argument is missing, the template needs a tenant and there is none, or a value holds a closing dollar tag of the body around it.</exception>
    public string Render(SqlValues values) => throw new NotImplementedException();
}
