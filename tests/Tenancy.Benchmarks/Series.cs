using System.Globalization;

namespace Tenancy.Benchmarks;

/// <summary>The same measured several times.</summary>
/// <param name="Values">What was measured, in the order of the rounds.</param>
internal sealed record Series(IReadOnlyList<double> Values)
{
    /// <summary>The one in the middle; the higher of two.</summary>
    public double Median => Values.Order().ElementAt(Values.Count / 2);

    /// <summary>Measures several sides in turn; each round another begins, so that a drift of the machine favours none.</summary>
    /// <param name="rounds">How often each.</param>
    /// <param name="sides">The sides; each gives one value.</param>
    public static async Task<IReadOnlyList<Series>> TakeInTurnAsync(int rounds, params Func<Task<double>>[] sides)
    {
        var values = sides.Select(_ => new double[rounds]).ToList();
        for (var round = 0; round < rounds; round++)
        {
            for (var turn = 0; turn < sides.Length; turn++)
            {
                var side = (round + turn) % sides.Length;
                values[side][round] = await sides[side]();
            }
        }

        return [.. values.Select(static side => new Series(side))];
    }

    /// <summary>The ratio to another side of the same rounds, round by round.</summary>
    public Series To(Series other) => new([.. Values.Zip(other.Values, static (mine, its) => mine / its)]);

    /// <summary>The median, and the range in parentheses.</summary>
    /// <param name="format">How a value is written, such as <c>0.00</c>.</param>
    /// <param name="unit">What follows the median.</param>
    public string Text(string format, string unit = "")
    {
        string Number(double value) => value.ToString(format, CultureInfo.InvariantCulture);
        return Number(Median) + unit + (Values.Count == 1 ? "" : $" ({Number(Values.Min())} to {Number(Values.Max())})");
    }

    /// <summary>As seconds, with three digits or so.</summary>
    public override string ToString() => Text(Median < 1 ? "0.000" : "0.00", " s");
}
