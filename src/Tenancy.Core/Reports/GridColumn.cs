namespace Tenancy.Core.Reports;

/// <summary>A column of the grid: one revision, or, where there are many, several in a row that no row of the grid tells apart.</summary>
/// <param name="First">The first of its revisions, by its place in the cells.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Name">What is written over it.</param>
internal sealed record GridColumn(int First, int Count, string Name)
{
    private const int MostSingle = 24;

    /// <summary>The columns of a grid.</summary>
    /// <param name="grid">The grid.</param>
    public static List<GridColumn> Of(FleetGrid grid)
    {
        List<GridColumn> columns = [];
        for (var at = 0; at < grid.Revisions.Length;)
        {
            var end = at + 1;
            while (grid.Revisions.Length > MostSingle && end < grid.Revisions.Length && grid.Rows.All(row => row.Cells[end] == row.Cells[at]))
            {
                end++;
            }

            var (first, last) = (Short(grid.Revisions[at].Id), Short(grid.Revisions[end - 1].Id));
            columns.Add(new(at, end - at, end - at == 1 ? first : $"{first} … {last} ({end - at})"));
            at = end;
        }

        return columns;
    }

    // A longer id would make the head of the grid higher than the grid.
    private static string Short(string id) => id.Length <= 12 ? id : id[..11] + "…";
}
