namespace Tenancy.Core.Catalog.Diffs.Values;

/// <summary>
/// A function that makes an array of another type out of one, element by element; it is there while a column is changed. The elements' type, which may have moved aside under another name, is that of the array that it gets.
/// </summary>
/// <param name="Name">Its name in SQL, with the schema.</param>
/// <param name="Type">The type that it returns, in SQL.</param>
/// <param name="Conversion">SQL that makes an element of that type out of <see cref="Element"/>.</param>
internal sealed record ArrayFunction(string Name, string Type, string Conversion)
{
    /// <summary>What stands in the conversion for the element.</summary>
    public const string Element = "item";

    /// <summary>The statement that makes it. Bounds are kept; an array of more than one dimension is refused, because PL/pgSQL assigns to as many subscripts as are written.</summary>
    public string Create => $"""
        CREATE FUNCTION {Name}(list anyarray, {Element} anyelement DEFAULT NULL) RETURNS {Type} LANGUAGE plpgsql AS $convert$
        DECLARE
            made {Type} := '{"{}"}';
        BEGIN
            IF list IS NULL THEN
                RETURN NULL;
            END IF;
            IF array_ndims(list) > 1 THEN
                RAISE EXCEPTION 'an array of more than one dimension is not converted: %', list;
            END IF;
            FOR place IN COALESCE(array_lower(list, 1), 1) .. COALESCE(array_upper(list, 1), 0) LOOP
                {Element} := list[place];
                made[place] := {Conversion};
            END LOOP;
            RETURN made;
        END
        $convert$
        """;

    /// <summary>The statement that drops it.</summary>
    public string Drop => $"DROP FUNCTION {Name}(anyarray, anyelement)";
}
