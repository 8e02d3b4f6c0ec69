namespace Tenancy.Model;

/// <summary>What a comparison of a specimen with a desired schema gave: a manifest that makes the one into the other, proved on a copy.</summary>
public sealed record GeneratedMigration
{
    /// <summary>One of <see cref="GeneratedMigrationStatus"/>.</summary>
    public string Status { get; init; } = "";

    /// <summary>The tenant whose schema stands for all.</summary>
    public string Specimen { get; init; } = "";

    /// <summary>The specimen's schema.</summary>
    public string Schema { get; init; } = "";

    /// <summary>Its database.</summary>
    public string Database { get; init; } = "";

    /// <summary>Where it is said how the schema is to be.</summary>
    public string Desired { get; init; } = "";

    /// <summary>True where the two differ in anything but the order of columns.</summary>
    public bool HasChanges { get; init; }

    /// <summary>True where the manifest was run on a copy of the specimen, up, down and up again, and made what it was to make.</summary>
    public bool IsProved { get; init; }

    /// <summary>The new revision's id; null where there is none.</summary>
    public string? Revision { get; init; }

    /// <summary>The manifest's file; null where there is none.</summary>
    public string? Path { get; init; }

    /// <summary>The manifest's text; null where there is none.</summary>
    public string? Text { get; init; }

    /// <summary>The changes, in order.</summary>
    public GeneratedChange[] Changes { get; init; } = [];

    /// <summary>Hazards of the changes that lose rows or values, also after an undo.</summary>
    public string[] DataLosses { get; init; } = [];

    /// <summary>What differs and stays as it is, because no statement makes it, or none without loss: each with the object, and what to do.</summary>
    public string[] Inexpressible { get; init; } = [];

    /// <summary>Renames that would explain what goes and what comes, as -Rename takes them. None of them was taken.</summary>
    public string[] RenameSuggestions { get; init; } = [];

    /// <summary>Tables whose columns then stand in another order than is wanted: what comes, comes at the end, and nothing moves a column.</summary>
    public string[] ColumnOrders { get; init; } = [];

    /// <summary>What did not count: what was left out of the SQL, properties that the desired schema says nothing of.</summary>
    public string[] Notes { get; init; } = [];

    /// <summary>How long it took, seconds.</summary>
    public double Seconds { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Path ?? Status;
}

/// <summary>What came of it.</summary>
public static class GeneratedMigrationStatus
{
    /// <summary>The specimen is as it is to be.</summary>
    public const string Same = "Same";

    /// <summary>They differ, and only that was asked.</summary>
    public const string Different = "Different";

    /// <summary>They differ in what no manifest can say, and in nothing else.</summary>
    public const string Inexpressible = "Inexpressible";

    /// <summary>The manifest is made and proved, and not written.</summary>
    public const string Proved = "Proved";

    /// <summary>The manifest is written.</summary>
    public const string Written = "Written";
}

/// <summary>One change of a generated migration.</summary>
public sealed record GeneratedChange
{
    /// <summary>Create, Drop, Alter or Rename.</summary>
    public string Action { get; init; } = "";

    /// <summary>The object, such as <c>column invoice.total</c>.</summary>
    public string Name { get; init; } = "";

    /// <summary>True where the object is the same before and after, and goes for a while because another changes.</summary>
    public bool IsRebuild { get; init; }

    /// <summary>What it costs or risks on a schema in use.</summary>
    public string[] Hazards { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => $"{Action} {Name}{(IsRebuild ? " (made again)" : "")}";
}
