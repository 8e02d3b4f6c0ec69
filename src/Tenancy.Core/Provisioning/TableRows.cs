using System.Collections.Immutable;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Provisioning;

/// <summary>The rows of a table.</summary>
/// <param name="Table">Its name, unquoted.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Statements">What inserts them.</param>
/// <param name="OidColumn">A column whose values are OIDs, alone or in arrays; null for none.</param>
internal sealed record TableRows(string Table, long Count, ImmutableArray<SqlTemplate> Statements, string? OidColumn = null);
