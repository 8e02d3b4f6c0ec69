using System.Globalization;
using Tenancy.Model;

namespace Tenancy.Core.Policies;

/// <summary>How many tenants of a run, or of a ring, may fail; with one more, nothing new is started. As a number, or in percent of the tenants.</summary>
public sealed record FailureLimit
{
    private const string Form = "Give a number of tenants that may fail, such as 5, or a part of them, such as 5%; 0 stops at the first.";

    private FailureLimit(double value, bool isPercent)
    {
        Value = value;
        IsPercent = isPercent;
    }

    /// <summary>None may fail: the first failure stops the run.</summary>
    public static FailureLimit None { get; } = new(0, false);

    /// <summary>All may: a failing tenant stops no other.</summary>
    public static FailureLimit All { get; } = new(100, true);

    /// <summary>The number, or the percentage.</summary>
    public double Value { get; }

    /// <summary>True where <see cref="Value"/> is a percentage.</summary>
    public bool IsPercent { get; }

    /// <summary>Reads <c>5</c> or <c>5%</c>.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="TenancyException"><c>InvalidFailureLimit</c>.</exception>
    public static FailureLimit Parse(string text) =>
        TryParse(text) ?? throw new TenancyException("InvalidFailureLimit", $"'{text}' is no limit of failures.", Form);

    /// <summary>Reads <c>5</c> or <c>5%</c>; null where it is neither.</summary>
    /// <param name="text">The text.</param>
    public static FailureLimit? TryParse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var written = text.Trim();
        return written.EndsWith('%')
            ? double.TryParse(written.AsSpan(0, written.Length - 1).TrimEnd(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) && percent <= 100 ? new(percent, true) : null
            : int.TryParse(written, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? new(count, false) : null;
    }

    /// <summary>True where more have failed than may.</summary>
    /// <param name="failed">How many have failed.</param>
    /// <param name="total">How many tenants there are in all.</param>
    public bool IsExceeded(int failed, int total) => IsPercent ? failed * 100.0 > Value * total : failed > Value;

    /// <summary>The limit as <see cref="Parse"/> reads it.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture) + (IsPercent ? "%" : "");
}
