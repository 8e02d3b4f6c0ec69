using System.Collections.Immutable;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Rollouts;

/// <summary>Whom a ring takes.</summary>
/// <param name="names">Patterns of which the tenant's name must fit one; none for any name.</param>
/// <param name="labels">By label, patterns of which its value must fit one.</param>
public sealed class RingMatch(ImmutableArray<NamePattern> names, ImmutableArray<(string Label, ImmutableArray<NamePattern> Values)> labels)
{
    /// <summary>Those of which a label has just this value.</summary>
    internal static RingMatch OfLabel(string label, string value) => new([], [(label, [NamePattern.Literally(value)])]);

    /// <summary>True where the ring takes the tenant.</summary>
    /// <param name="tenant">The tenant.</param>
    public bool Takes(Tenant tenant)
    {
        ArgumentNullException.ThrowIfNull(tenant);
        return (names.IsEmpty || names.Any(name => name.IsMatch(tenant.Name)))
            && labels.All(wanted => tenant.Labels.TryGetValue(wanted.Label, out var value) && wanted.Values.Any(pattern => pattern.IsMatch(value)));
    }

    /// <summary>All that it asks for, as text: equal for what takes the same.</summary>
    public override string ToString() => string.Join("; ", [
        .. names.IsEmpty ? Array.Empty<string>() : [$"names {string.Join(", ", names)}"],
        .. labels.Select(static wanted => $"label {wanted.Label} {string.Join(", ", wanted.Values)}")]);
}
