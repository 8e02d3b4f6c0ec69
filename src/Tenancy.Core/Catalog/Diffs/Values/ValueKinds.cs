using System.Collections.Immutable;

namespace Tenancy.Core.Catalog.Diffs.Values;

/// <summary>PostgreSQL's own types, and which conversions there are between them (manual, 10.4; <c>pg_cast</c>).</summary>
internal static class ValueKinds
{
    /// <summary>A point in time without a zone.</summary>
    public const string Timestamp = "timestamp without time zone";

    /// <summary>A point in time.</summary>
    public const string TimestampZone = "timestamp with time zone";

    /// <summary>A time of day.</summary>
    public const string Time = "time without time zone";

    /// <summary>A time of day with a zone.</summary>
    public const string TimeZone = "time with time zone";

    /// <summary>Numbers without a fraction.</summary>
    public static readonly ImmutableHashSet<string> Whole = ["smallint", "integer", "bigint"];

    /// <summary>Numbers that are converted into each other.</summary>
    public static readonly ImmutableHashSet<string> Numbers = [.. Whole, "numeric", "real", "double precision"];

    /// <summary>Days and times.</summary>
    public static readonly ImmutableHashSet<string> Times = ["date", Timestamp, TimestampZone, Time, TimeZone];

    /// <summary>What takes any value as text.</summary>
    public static readonly ImmutableHashSet<string> Strings = ["text", "character varying", "character", "citext", "name"];

    private static readonly ImmutableHashSet<string> Others = ["boolean", "money", "uuid", "json", "jsonb", "bytea", "interval", "inet", "cidr", "xml", "bit varying"];

    /// <summary>Types whose values are the same in every database.</summary>
    public static readonly ImmutableHashSet<string> BuiltIn = [.. Numbers, .. Times, .. Strings, .. Others];

    private static readonly ImmutableHashSet<(string, string)> Casts = [("json", "jsonb"), ("jsonb", "json"), ("boolean", "integer"), ("integer", "boolean"), ("money", "numeric"), ("numeric", "money"), ("bigint", "money"), ("integer", "money")];

    /// <summary>Does PostgreSQL convert the one into the other by itself, on assignment?</summary>
    public static bool IsAssigned(string was, string type) =>
        was == type || (Numbers.Contains(was) && Numbers.Contains(type)) || (Times.Contains(was) && Times.Contains(type) && (was, type) is not ("date" or Timestamp, TimeZone) and not ("date", Time) and not (Time or TimeZone, "date" or Timestamp or TimestampZone))
        || (was, type) is ("bit", "bit varying") or ("bit varying", "bit");

    /// <summary>Is there a cast, or is the text of the one the other's?</summary>
    public static bool IsCast(string was, string type) => Strings.Contains(was) || Casts.Contains((was, type));

    /// <summary>Is the value made by what time zone or date style the session has? Where the zone is written, it is not.</summary>
    public static bool DependsOnSession(ValueType was, ValueType type) =>
        (Times.Contains(was.Name) && Strings.Contains(type.Name)) || (Strings.Contains(was.Name) && Times.Contains(type.Name))
        || (Times.Contains(was.Name) && Times.Contains(type.Name) && IsZoned(was.Name) != IsZoned(type.Name) && !(was.Name == TimeZone && type.Name == Time));

    private static bool IsZoned(string type) => type is TimestampZone or TimeZone;
}
