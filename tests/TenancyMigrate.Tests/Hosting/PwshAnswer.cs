using System.Text.Json;
using Xunit;

namespace TenancyMigrate.Tests.Hosting;

/// <summary>What a script gave.</summary>
internal sealed record PwshAnswer
{
    /// <summary>Its objects, as a JSON array.</summary>
    public string Output { get; init; } = "[]";

    /// <summary>Its objects as a terminal of 120 columns shows them.</summary>
    public string Text { get; init; } = "";

    /// <summary>The error that ended it, or null.</summary>
    public PwshError? Ended { get; init; }

    public IReadOnlyList<PwshError> Errors { get; init; } = [];

    public IReadOnlyList<string> Warnings { get; init; } = [];

    public IReadOnlyList<string> Verbose { get; init; } = [];

    public IReadOnlyList<string> Debug { get; init; } = [];

    public IReadOnlyList<PwshProgress> Progress { get; init; } = [];

    /// <summary>Its objects.</summary>
    public IReadOnlyList<JsonElement> Objects => [.. JsonDocument.Parse(Output).RootElement.EnumerateArray()];

    /// <summary>A property of each object, as text.</summary>
    public IReadOnlyList<string?> Values(string property) =>
        [.. Objects.Select(item => item.GetProperty(property) is { ValueKind: JsonValueKind.Null } ? null : item.GetProperty(property).ToString())];

    /// <summary>The one error.</summary>
    public PwshError Error => Assert.Single(Ended is null ? Errors : [.. Errors, Ended]);

    /// <summary>Itself, when nothing went wrong.</summary>
    public PwshAnswer Clean()
    {
        Assert.Null(Ended);
        Assert.Empty(Errors);
        return this;
    }
}

/// <summary>An error record.</summary>
internal sealed record PwshError(string Id, string Category, string Message, string? Action, string Target, string Type);

/// <summary>A progress record.</summary>
internal sealed record PwshProgress(int Id, int Parent, string Activity, string Status, bool IsCompleted);
