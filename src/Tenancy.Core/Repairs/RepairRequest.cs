namespace Tenancy.Core.Repairs;

/// <summary>What a repair is asked to do.</summary>
public sealed record RepairRequest
{
    /// <summary>What it looks for.</summary>
    public RepairKind Kinds { get; init; } = RepairKind.All;

    /// <summary>Arguments of the run, for <c>${x.key}</c> in an interrupted step and its <c>done_when</c>.</summary>
    public IReadOnlyDictionary<string, string> Arguments { get; init; } = new Dictionary<string, string>();

    /// <summary>The run's id: in history and <c>application_name</c>.</summary>
    public Guid RunId { get; init; } = Guid.NewGuid();
}
