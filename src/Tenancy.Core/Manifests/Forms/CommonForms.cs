using System.Globalization;
using System.Text;
using Tenancy.Core.Operations;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Manifests.Forms;

/// <summary>Forms that many keys share.</summary>
internal static class CommonForms
{
    /// <summary>Any text.</summary>
    public static readonly TextForm Text = new("a text");

    /// <summary>Any text, which may be empty.</summary>
    public static readonly TextForm AnyText = new("a text") { MayBeEmpty = true };

    /// <summary>A name without a schema, taken as written.</summary>
    public static readonly TextForm Name = new("a name", CheckName) { MaximumLength = SqlIdentifier.MaxBytes };

    /// <summary>A table or other object, with or without its schema.</summary>
    public static readonly TextForm ObjectName = new("a name, or schema.name", CheckObjectName);

    /// <summary>An SQL expression.</summary>
    public static readonly TextForm Expression = new("an SQL expression", SqlFragment.Check, isSql: true);

    /// <summary>One query, in a statement of its own lines.</summary>
    public static readonly TextForm Query = new("a query", SqlFragment.CheckQuery, isSql: true);

    /// <summary>A data type as in SQL.</summary>
    public static readonly TextForm Type = new("a data type", SqlFragment.CheckType, isSql: true);

    /// <summary>One or more SQL statements.</summary>
    public static readonly TextForm Sql = new("SQL text", isSql: true);

    /// <summary>A query with one boolean as its result.</summary>
    public static readonly TextForm BooleanQuery = new("a query that gives one boolean", isSql: true);

    /// <summary>A length of time.</summary>
    public static readonly TextForm Duration = new("a duration such as 500ms, 5s, 10min or 4h", Durations.Check, Durations.Pattern) { IsNeverNumber = true };

    /// <summary>True or false.</summary>
    public static readonly BooleanForm Flag = new();

    /// <summary>A whole number.</summary>
    public static readonly IntegerForm Integer = new();

    /// <summary>A comment, or null for none.</summary>
    public static readonly EitherForm TextOrNull = new(Text, new NullForm());

    /// <summary>Names in a list.</summary>
    public static readonly ListForm Names = new(Name, "a list of names");

    /// <summary>One name, or names in a list.</summary>
    public static readonly ListForm OneOrMoreNames = new(Name, "a name or a list of names", allowsSingle: true);

    /// <summary>What is wrong with a name, or null.</summary>
    public static TextFault? CheckName(string name)
    {
        var bytes = Encoding.UTF8.GetByteCount(name);
        return bytes > SqlIdentifier.MaxBytes
            ? new TextFault(string.Create(CultureInfo.InvariantCulture, $"has {bytes} bytes; PostgreSQL keeps {SqlIdentifier.MaxBytes} of a name. Shorten '{name}'."))
            : null;
    }

    private static TextFault? CheckObjectName(string text) => Operations.ObjectName.TryParse(text, out _, out var fault) ? null : fault;
}
