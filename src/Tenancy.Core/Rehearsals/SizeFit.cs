namespace Tenancy.Core.Rehearsals;

/// <summary>Time as a straight line over size, by least squares.</summary>
/// <param name="Fixed">Seconds whatever the size.</param>
/// <param name="PerPage">Seconds a page.</param>
/// <param name="RSquared">How much of the differences in time it explains, from 0 to 1.</param>
/// <param name="Deviation">The greatest deviation of a measured time from the line, as a part of the line's.</param>
internal sealed record SizeFit(double Fixed, double PerPage, double RSquared, double Deviation)
{
    // Below this a difference in size is no reason for a difference in time (1 MB).
    private const double LeastSpread = 128;
    private const double LeastRSquared = 0.8;

    /// <summary>The line through measured times; null where they do not show that time grows with size: fewer than three, sizes within a factor of 2, or times that size does not explain.</summary>
    /// <param name="points">Pages and seconds.</param>
    public static SizeFit? Of(IReadOnlyCollection<(double Pages, double Seconds)> points)
    {
        if (points.Count < 3)
        {
            return null;
        }

        var (least, most) = (points.Min(static point => point.Pages), points.Max(static point => point.Pages));
        var (x, y) = (points.Average(static point => point.Pages), points.Average(static point => point.Seconds));
        var (xx, yy, xy) = (points.Sum(point => Math.Pow(point.Pages - x, 2)), points.Sum(point => Math.Pow(point.Seconds - y, 2)), points.Sum(point => (point.Pages - x) * (point.Seconds - y)));
        if (most - least < LeastSpread || most < 2 * least || xy <= 0 || yy <= 0 || xy * xy / (xx * yy) < LeastRSquared)
        {
            return null;
        }

        var fit = new SizeFit(y - xy / xx * x, xy / xx, xy * xy / (xx * yy), 0);
        var fastest = points.Min(static point => point.Seconds);
        return fit with { Deviation = points.Max(point => Math.Abs(point.Seconds / fit.Seconds(point.Pages, fastest) - 1)) };
    }

    /// <summary>The time for a size.</summary>
    /// <param name="pages">The size.</param>
    /// <param name="least">The least that it can be, seconds.</param>
    public double Seconds(double pages, double least) => Math.Max(least, Fixed + PerPage * pages);
}
