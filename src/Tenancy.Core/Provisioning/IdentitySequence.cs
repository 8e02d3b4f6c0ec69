namespace Tenancy.Core.Provisioning;

/// <summary>SQL that finds the sequence of an identity column by the column, wherever its name may be another where it is made anew. Not <c>pg_get_serial_sequence</c>: a column may own a second one.</summary>
internal static class IdentitySequence
{
    /// <summary>What comes before the table, a string.</summary>
    public const string BeforeTable =
        "(SELECT d.objid FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype = 'i' AND d.refobjid = ";

    /// <summary>What comes after the table.</summary>
    /// <param name="column">The column's name, as a string in SQL.</param>
    public static string AfterTable(string column) => $"::pg_catalog.regclass AND a.attname = {column})::pg_catalog.regclass";
}
