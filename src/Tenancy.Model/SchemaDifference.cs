namespace Tenancy.Model;

/// <summary>One thing in which a schema differs from what is expected.</summary>
public sealed record SchemaDifference
{
    /// <summary>The kind of object, such as <c>column</c> or <c>index</c>.</summary>
    public string Kind { get; init; } = "";

    /// <summary>The object's name; a routine's with its argument types.</summary>
    public string Name { get; init; } = "";

    /// <summary>The table that the object is part of; null where it stands by itself.</summary>
    public string? Table { get; init; }

    /// <summary>One of <see cref="SchemaChangeKind"/>.</summary>
    public string Change { get; init; } = "";

    /// <summary>The property that differs, by its key in a manifest where it has one; null where the whole object is missing or too much.</summary>
    public string? Property { get; init; }

    /// <summary>What is expected; null for nothing.</summary>
    public string? Expected { get; init; }

    /// <summary>What is there; null for nothing.</summary>
    public string? Actual { get; init; }

    /// <inheritdoc/>
    public override string ToString() => PrintableText.Of($"{Kind} {(Table is null ? "" : Table + ".")}{Name} " + Change switch
    {
        SchemaChangeKind.Missing => "is missing",
        SchemaChangeKind.Extra => "is not expected",
        _ => $"has {Property} {Actual ?? "(none)"}, expected {Expected ?? "(none)"}",
    });
}

/// <summary>The closed set of values of <see cref="SchemaDifference.Change"/>.</summary>
public static class SchemaChangeKind
{
    /// <summary>The object is expected and not there.</summary>
    public const string Missing = nameof(Missing);

    /// <summary>The object is there and not expected.</summary>
    public const string Extra = nameof(Extra);

    /// <summary>The object is there, and a property of it is otherwise.</summary>
    public const string Different = nameof(Different);
}
