namespace Tenancy.Core.Safety;

/// <summary>A safety check.</summary>
/// <param name="Id">Its id, as <c>suppress</c> takes it.</param>
/// <param name="Title">What is wrong, in a line.</param>
/// <param name="Why">Why it matters.</param>
/// <param name="SafeWay">The safe way to write it.</param>
/// <param name="Severity">One of <see cref="Tenancy.Model.SafetySeverity"/>: what it is where no table's size says otherwise.</param>
/// <param name="Judge">What is wrong with a statement.</param>
internal sealed record SafetyRule(string Id, string Title, string Why, string SafeWay, string Severity, Func<JudgedStatement, IEnumerable<SafetyFault>> Judge)
{
    /// <summary>Bytes of the largest table below which it is only a note; null where the size does not matter.</summary>
    public long? NoteBelow { get; init; }

    /// <summary>Bytes of the largest table from which on it is an error; null where the size does not matter.</summary>
    public long? ErrorFrom { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Id;
}
