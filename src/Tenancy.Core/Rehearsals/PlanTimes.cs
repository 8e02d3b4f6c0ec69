using System.Globalization;
using Tenancy.Model;

namespace Tenancy.Core.Rehearsals;

/// <summary>How long a plan will take on all of its tenants, and how that was computed.</summary>
/// <param name="Seconds">Seconds.</param>
/// <param name="Low">The lower end of the range.</param>
/// <param name="High">The upper end.</param>
/// <param name="Method">How.</param>
internal sealed record PlanTimes(double Seconds, double Low, double High, string Method)
{
    private const double BytesPerPage = 8192;

    /// <summary>Computes from a sample.</summary>
    /// <param name="sample">Pages of the tables that the plan locks, and seconds of each measured tenant; at least one.</param>
    /// <param name="fleet">Pages of each tenant that needs the plan.</param>
    /// <param name="tables">The tables' names.</param>
    /// <param name="limit">How many tenants at once.</param>
    /// <param name="isSerial">True where the run does one after another whatever the limit.</param>
    public static PlanTimes Of(IReadOnlyCollection<(double Pages, double Seconds)> sample, IReadOnlyCollection<double> fleet, IReadOnlyCollection<string> tables, int limit, bool isSerial)
    {
        var (least, mean, most) = (sample.Min(static one => one.Seconds), sample.Average(static one => one.Seconds), sample.Max(static one => one.Seconds));
        var atOnce = isSerial ? 1 : Math.Min(limit, fleet.Count);
        var by = atOnce == 1 ? "one after another" : string.Create(CultureInfo.InvariantCulture, $"{atOnce} at once");
        if (SizeFit.Of(sample) is { } fit)
        {
            var each = fleet.Select(pages => fit.Seconds(pages, least)).ToList();
            var total = Divide(each.Sum(), each.Max());
            return new(total, total * Math.Max(0, 1 - fit.Deviation), total * (1 + fit.Deviation), string.Create(
                CultureInfo.InvariantCulture,
                $"{Math.Max(0, fit.Fixed):0.000} s and {fit.PerPage * 1024 * 1024 * 1024 / BytesPerPage:0.0} s per GB of {string.Join(", ", tables)} for each of {fleet.Count} (a line through {sample.Count} measured, r² {fit.RSquared:0.00}), {by}; the range is that of the deviations from it."));
        }

        return new(Divide(mean * fleet.Count, most), Divide(least * fleet.Count, least), Divide(most * fleet.Count, most), string.Create(
            CultureInfo.InvariantCulture,
            $"the mean of {sample.Count} measured ({mean:0.000} s) for each of {fleet.Count}, {by}; the range is as if all were as the fastest, or as the slowest."));

        // Nothing makes it shorter than its longest tenant.
        double Divide(double sum, double longest) => Math.Max(sum / atOnce, longest);
    }
}
