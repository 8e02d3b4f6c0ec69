namespace Tenancy.Core.Catalog.Diffs.Values;

/// <summary>What is gone of values when they become those of another type, without an error (manual, chapter 8).</summary>
internal static class ValueLoss
{
    /// <summary>As many digits as any number has.</summary>
    private const int Unlimited = int.MaxValue;

    /// <summary>What is gone, as the end of a sentence; null where each value is the same, or an error says that it does not fit.</summary>
    /// <param name="was">The type that values have; of a range, that of its bounds.</param>
    /// <param name="type">The type that they get.</param>
    /// <param name="isCut">Is what is too long cut? An explicit cast does that.</param>
    public static string? Of(ValueType was, ValueType type, bool isCut)
    {
        var isString = ValueKinds.Strings.Contains(was.Name);
        return type.Name switch
        {
            "numeric" when was.Name is "real" or "double precision" && Scale(type) == Unlimited => $"numbers are rounded to {(was.Name == "real" ? 6 : 15)} digits",
            "numeric" or "money" when Scale(was) > Scale(type) => "numbers are rounded",
            "smallint" or "integer" or "bigint" when !isString && Scale(was) is > 0 => "numbers are rounded",
            "real" when Digits(was) > 6 => "numbers are rounded to 6 digits",
            "double precision" when Digits(was) > 15 => "numbers are rounded to 15 digits",
            "boolean" when was.Name == "integer" => "all numbers but 0 become true",
            "date" when was.Name is ValueKinds.Timestamp or ValueKinds.TimestampZone || isString => "the time of day is gone",
            ValueKinds.Time when was.Name is ValueKinds.Timestamp or ValueKinds.TimestampZone or "interval" || isString => "the day is gone",
            ValueKinds.Time when was.Name == ValueKinds.TimeZone => "the zone is gone",
            ValueKinds.TimeZone when was.Name is ValueKinds.TimestampZone or ValueKinds.Timestamp => "the day is gone",
            ValueKinds.Timestamp when isString => "a zone in the text is gone",
            ValueKinds.Timestamp or ValueKinds.TimestampZone or ValueKinds.Time or ValueKinds.TimeZone when Precision(was) > Precision(type) => "fractions of seconds are rounded",
            ['i', 'n', 't', 'e', 'r', 'v', 'a', 'l', ..] when Precision(was) > Precision(type) || (type.Name != "interval" && was.Name != type.Name) => "parts of intervals are rounded",
            "name" when was.Name != "name" && !(was.Modifiers is [< 16]) && !ValueKinds.Numbers.Contains(was.Name) => "what is longer than 63 bytes is cut",
            "\"char\"" when was.Name != type.Name => "all but the first byte is cut",
            "jsonb" when was.Name == "json" || isString => "of equal keys in an object only the last is kept, and no order of keys",
            "character varying" or "character" or "bit" or "bit varying" when isCut && type.Modifiers is [var length] && !(was.Modifiers is [var before] && before <= length) => "what is longer is cut",
            _ => null,
        };
    }

    /// <summary>Digits behind the point; null for what is no number.</summary>
    private static int? Scale(ValueType type) => type.Name switch
    {
        "smallint" or "integer" or "bigint" => 0,
        "money" => 2,
        "numeric" => type.Modifiers is [_, var scale] ? scale : type.Modifiers is [_] ? 0 : Unlimited,
        "real" or "double precision" => Unlimited,
        _ => ValueKinds.Strings.Contains(type.Name) ? Unlimited : null,
    };

    /// <summary>Decimal digits; 0 for what is no number.</summary>
    private static int Digits(ValueType type) => type.Name switch
    {
        "smallint" => 5,
        // A double holds all of them, though not 15 of any number.
        "integer" => 10,
        "bigint" => 19,
        "real" => 6,
        "double precision" => 15,
        "money" => 19,
        "numeric" => type.Modifiers is [var precision, ..] ? precision : Unlimited,
        _ => ValueKinds.Strings.Contains(type.Name) ? Unlimited : 0,
    };

    /// <summary>Digits of fractions of seconds.</summary>
    private static int Precision(ValueType type) => type.Name switch
    {
        "date" => 0,
        _ when ValueKinds.Strings.Contains(type.Name) => 6,
        _ => ValueKinds.Times.Contains(type.Name) || type.Name.StartsWith("interval", StringComparison.Ordinal) ? type.Modifiers is [var digits] ? digits : 6 : 0,
    };
}
