namespace Tenancy.Model;

/// <summary>One thing wrong in a manifest or project file, at its place.</summary>
public sealed record ManifestError
{
    /// <summary>The file, as the user would type it.</summary>
    public string File { get; init; } = "";

    /// <summary>Line, from 1; 0 when the error concerns the whole file.</summary>
    public int Line { get; init; }

    /// <summary>Column, from 1; 0 when the error concerns the whole line or file.</summary>
    public int Column { get; init; }

    /// <summary>What is wrong, and what to write instead.</summary>
    public string Message { get; init; } = "";

    /// <summary>The nearest legal spelling, or null.</summary>
    public string? Suggestion { get; init; }

    /// <summary><c>file:line:column: message</c>, the form that editors make clickable.</summary>
    public override string ToString()
    {
        var place = Line > 0 ? Column > 0 ? $"{File}:{Line}:{Column}" : $"{File}:{Line}" : File;
        return Suggestion is null ? $"{place}: {Message}" : $"{place}: {Message} Did you mean '{Suggestion}'?";
    }
}
