namespace Tenancy.Core.Provisioning;

/// <summary>Settings under which a value's text is read again as what it was, whatever database and role have. Under others a <c>timestamptz</c> is written with a zone's abbreviation, which may mean another zone, or a <c>float8</c> without its last digits.</summary>
internal static class RowSettings
{
    /// <summary>Sets them for the transaction.</summary>
    public const string Set =
        "SELECT pg_catalog.set_config('DateStyle', 'ISO, YMD', true), pg_catalog.set_config('IntervalStyle', 'postgres', true), pg_catalog.set_config('extra_float_digits', '1', true), pg_catalog.set_config('array_nulls', 'on', true), pg_catalog.set_config('xmloption', 'content', true)";

    /// <summary>Gives them back what the session began with.</summary>
    public const string Reset =
        "SELECT pg_catalog.set_config(s.name, s.reset_val, true) FROM pg_catalog.pg_settings s WHERE s.name IN ('DateStyle', 'IntervalStyle', 'extra_float_digits', 'array_nulls', 'xmloption')";
}
