namespace Tenancy.Core.Sql;

/// <summary>A stretch of the manifest's text that is filled for each tenant.</summary>
/// <param name="Start">Offset of its first character.</param>
/// <param name="End">Offset after its last.</param>
/// <param name="Segment">What goes there.</param>
internal readonly record struct SqlHole(int Start, int End, SqlSegment Segment);
