namespace Tenancy.Core.Catalog;

/// <summary>Which object of a schema: unique in it, and the same in every tenant. What kinds there are: <c>docs/catalog.md</c>.</summary>
/// <param name="Kind">The kind, such as <c>table</c>, <c>column</c> or <c>function</c>.</param>
/// <param name="Name">The name, unquoted; a routine's has its argument types: <c>price(integer, text)</c>. Empty for the schema itself.</param>
/// <param name="Table">The table, view or domain that it is a part of, unquoted; null for what stands alone.</param>
public readonly record struct ObjectIdentity(string Kind, string Name, string? Table = null) : IComparable<ObjectIdentity>
{
    /// <summary>By table, kind and name, so that what belongs to a table is together.</summary>
    public int CompareTo(ObjectIdentity other)
    {
        var order = string.CompareOrdinal(Table ?? "", other.Table ?? "");
        order = order != 0 ? order : string.CompareOrdinal(Kind, other.Kind);
        return order != 0 ? order : string.CompareOrdinal(Name, other.Name);
    }

    /// <summary>As people say it: <c>column invoice.total</c>.</summary>
    public override string ToString() => $"{Kind.Replace('_', ' ')} {(Table is null ? "" : $"{Table}.")}{Name}".TrimEnd();

    /// <summary>Is the one before the other?</summary>
    public static bool operator <(ObjectIdentity left, ObjectIdentity right) => left.CompareTo(right) < 0;

    /// <summary>Is the one after the other?</summary>
    public static bool operator >(ObjectIdentity left, ObjectIdentity right) => left.CompareTo(right) > 0;

    /// <summary>Is the one before the other, or the same?</summary>
    public static bool operator <=(ObjectIdentity left, ObjectIdentity right) => left.CompareTo(right) <= 0;

    /// <summary>Is the one after the other, or the same?</summary>
    public static bool operator >=(ObjectIdentity left, ObjectIdentity right) => left.CompareTo(right) >= 0;
}
