using Tenancy.Model;

namespace Tenancy.Core.Tenants;

/// <summary>Lets tenants through whose name matches one of several patterns, and knows which names were asked for in vain.</summary>
public sealed class NameFilter
{
    private readonly (NamePattern Pattern, bool[] Found)[] patterns;

    /// <summary>Reads the patterns; letters' case does not count.</summary>
    /// <param name="patterns">Names or wildcards; none lets everything through.</param>
    /// <exception cref="TenancyException"><c>InvalidPattern</c>.</exception>
    public NameFilter(IEnumerable<string> patterns) => this.patterns = [.. patterns.Select(static text => (new NamePattern(text, ignoreCase: true), new bool[1]))];

    /// <summary>True where the tenant is wanted. Not for use from several threads at once.</summary>
    /// <param name="tenant">The tenant.</param>
    public bool IsMatch(Tenant tenant)
    {
        ArgumentNullException.ThrowIfNull(tenant);
        var matches = patterns.Length == 0;
        foreach (var (pattern, found) in patterns)
        {
            if (pattern.IsMatch(tenant.Name))
            {
                matches = found[0] = true;
            }
        }

        return matches;
    }

    /// <summary>An error, <c>TenantNotFound</c>, for each name without wildcards that no tenant had. Ask after the last tenant.</summary>
    public IEnumerable<TenancyException> Misses() =>
        from entry in patterns
        where !entry.Found[0] && !entry.Pattern.IsWildcard
        select new TenancyException("TenantNotFound", $"There is no tenant named '{entry.Pattern}'.", "Get-Tenant without -Name shows all; wildcards are allowed.");
}
