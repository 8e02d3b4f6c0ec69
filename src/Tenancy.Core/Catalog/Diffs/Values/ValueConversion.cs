using System.Collections.Immutable;
using System.Globalization;
using Tenancy.Core.Operations;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog.Diffs.Values;

/// <summary>
/// How the values of a column become those of another type: none is ever given to another attribute, cut or rounded without being told. Lengths stand in no explicit cast, which would cut: the column's own
/// type, assigned to at the end, refuses what is too long (manual, 8.3).
/// </summary>
internal sealed class ValueConversion
{
    private readonly DiffContext context;

    private readonly List<string> losses = [];

    private readonly List<ArrayFunction> functions = [];

    /// <summary>The name of the first of <see cref="functions"/>; others have a number behind it.</summary>
    private readonly string functionName;

    private ValueConversion(DiffContext context, ObjectIdentity column) =>
        (this.context, functionName) = (context, SqlText.ConstraintName(column.Table!, [column.Name], "values", new HashSet<string>()));

    /// <summary>The expression for USING; null where PostgreSQL's own conversion does.</summary>
    public string? Using { get; private set; }

    /// <summary>What <see cref="Using"/> calls, in the order in which they are made; they go when the column is changed.</summary>
    public IReadOnlyList<ArrayFunction> Functions => functions;

    /// <summary>What of the values is gone; empty where nothing is.</summary>
    public IReadOnlyCollection<string> Losses => losses;

    /// <summary>True where values are taken to be of the time zone UTC.</summary>
    public bool TakesUtc { get; private set; }

    /// <summary>True where time zone or date style of the session make the values.</summary>
    public bool DependsOnSession { get; private set; }

    /// <summary>Why there is no such expression; null where there is one, or none is needed.</summary>
    public string? Obstacle { get; private set; }

    /// <summary>True where a row is made of attributes by their names, so that its text would not do.</summary>
    public bool IsByName { get; private set; }

    /// <summary>Finds out how a column's values are converted.</summary>
    /// <param name="from">The column as it is.</param>
    /// <param name="to">The column as it is to be.</param>
    /// <param name="context">Both schemas.</param>
    public static ValueConversion Of(CatalogObject from, CatalogObject to, DiffContext context)
    {
        var conversion = new ValueConversion(context, to.Identity);
        if (from["generated"] is null)
        {
            conversion.Using = conversion.Convert(SqlIdentifier.Quote(to.Identity.Name), from["type"]!, to["type"]!, isCut: false, within: "");
        }

        return conversion;
    }

    private string? Convert(string value, string from, string to, bool isCut, string within)
    {
        var (was, type) = (ValueType.Of(from, context.From, context), ValueType.Of(to, context.To, context));
        if (was.IsComposite && type.IsComposite && !HasSameOrder(was, type))
        {
            return ByName(value, was, type, within);
        }

        AddLosses(was, type, isCut, within);
        if (AtUtc(value, was, type) is { } moved)
        {
            TakesUtc = true;
            return moved;
        }

        DependsOnSession |= ValueKinds.DependsOnSession(Scalar(was, context.From), Scalar(type, context.To));
        var isAlike = was.IsArray == type.IsArray && !was.IsNested && !type.IsNested && was.Own is null && type.Own is null;
        return (type.Own is null && !type.IsArray && ValueKinds.Strings.Contains(type.Name)) || (isAlike && ValueKinds.IsAssigned(was.Name, type.Name)) ? null
            : isAlike && !was.IsArray && ValueKinds.IsCast(was.Name, type.Name) ? $"{value}::{context.Sql(type.Bare)}"
            : $"{value}::text::{context.Sql(type.IsNested ? to : type.Bare)}";
    }

    /// <summary>A row of the new type out of the attributes that have the same names. The cast that makes it is explicit.</summary>
    private string? ByName(string value, ValueType was, ValueType type, string within)
    {
        if (was.IsArray != type.IsArray || was.IsNested || type.IsNested)
        {
            Obstacle = $"The attributes of {was.Name} stand in another order, or have other names. These values are converted as text, attribute by attribute as they stand, which would exchange them. "
                + "Add and drop attributes at the end of the type only, or write the conversion with the operation 'sql'.";
            return null;
        }

        if (was.IsArray)
        {
            // USING takes no subquery, so what goes through the elements is a function.
            var element = ByName(ArrayFunction.Element, was with { IsArray = false }, type with { IsArray = false }, $"{within}elements: ");
            if (element is null)
            {
                return null;
            }

            var name = functions.Count == 0 ? functionName : string.Create(CultureInfo.InvariantCulture, $"{functionName}{functions.Count}");
            functions.Add(new(context.InSql(name), context.Sql(type.Name) + "[]", element));
            return $"{functions[^1].Name}({value})";
        }

        IsByName = true;
        List<string> fields = [];
        var before = was.Attributes(context.From);
        var after = type.Attributes(context.To);
        foreach (var (name, kind) in after)
        {
            var old = before.FirstOrDefault(attribute => attribute.Name == name).Type;
            var field = $"({value}).{SqlIdentifier.Quote(name)}";
            fields.Add(old is null ? "NULL" : Convert(field, old, kind, isCut: true, $"{within}{name}: ") ?? field);
        }

        losses.AddRange(before.Where(attribute => after.All(other => other.Name != attribute.Name)).Select(attribute => $"{within}the attribute {attribute.Name} is gone"));
        return $"CASE WHEN {value} IS NOT DISTINCT FROM NULL THEN NULL ELSE ROW({string.Join(", ", fields)})::{context.Sql(type.Name)} END";
    }

    /// <summary>Do the attributes have the same names in the same order, so that a row as text is read as it was meant?</summary>
    private bool HasSameOrder(ValueType was, ValueType type)
    {
        var (before, after) = (was.Attributes(context.From), type.Attributes(context.To));
        return before.Select(static attribute => attribute.Name).SequenceEqual(after.Select(static attribute => attribute.Name))
            && before.Zip(after).All(pair => (ValueType.Of(pair.First.Type, context.From, context), ValueType.Of(pair.Second.Type, context.To, context)) is var (one, other) && (!one.IsComposite || !other.IsComposite || HasSameOrder(one, other)));
    }

    private void AddLosses(ValueType was, ValueType type, bool isCut, string within)
    {
        if (was.IsComposite && type.IsComposite)
        {
            foreach (var (old, now) in was.Attributes(context.From).Zip(type.Attributes(context.To)))
            {
                // The attributes of a row as text are read by their types, which refuse what is too long.
                AddLosses(ValueType.Of(old.Type, context.From, context), ValueType.Of(now.Type, context.To, context), isCut: false, $"{within}{now.Name}: ");
            }
        }
        else if (Scalar(type, context.To) is var scalar && !(scalar != type && ValueKinds.Whole.Contains(scalar.Name)) && ValueLoss.Of(Scalar(was, context.From), scalar, isCut) is { } loss)
        {
            // The bounds of a range go by way of text, and no text with a fraction is a whole number.
            losses.Add(within + loss);
        }
    }

    private ValueType Scalar(ValueType type, ObjectSet set) => type.Subtype(set, context) ?? type;

    /// <summary>Between times of day or days with and without a zone PostgreSQL takes the session's (manual, 8.5.1.3): here it is said which.</summary>
    private static string? AtUtc(string value, ValueType was, ValueType type) => was.IsArray || type.IsArray ? null : (was.Name, type.Name) switch
    {
        (ValueKinds.Timestamp, ValueKinds.TimestampZone) or (ValueKinds.TimestampZone, ValueKinds.Timestamp) => $"{value} AT TIME ZONE 'UTC'",
        ("date", ValueKinds.TimestampZone) => $"{value}::timestamp AT TIME ZONE 'UTC'",
        (ValueKinds.TimestampZone, "date" or ValueKinds.Time) => $"({value} AT TIME ZONE 'UTC')::{type.Name}",
        (ValueKinds.TimestampZone, ValueKinds.TimeZone) => $"((({value} AT TIME ZONE 'UTC')::time)::text || '+00')::{type.Name}",
        (ValueKinds.Timestamp, ValueKinds.TimeZone) => $"(({value}::time)::text || '+00')::{type.Name}",
        (ValueKinds.Time, ValueKinds.TimeZone) => $"({value}::text || '+00')::{type.Name}",
        _ => null,
    };
}
