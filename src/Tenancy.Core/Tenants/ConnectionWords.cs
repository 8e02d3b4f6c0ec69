using System.Globalization;
using Tenancy.Model;

namespace Tenancy.Core.Tenants;

/// <summary>Reads the values that URIs, service files and variables share.</summary>
internal static class ConnectionWords
{
    /// <summary>Reads libpq's <c>verify-full</c> and the like, and the names of <see cref="ConnectionSslMode"/>.</summary>
    /// <exception cref="TenancyException"><c>InvalidConnection</c>, with the origin.</exception>
    public static ConnectionSslMode ParseSslMode(string text, string origin) =>
        Enum.TryParse<ConnectionSslMode>(text.Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out var mode) && Enum.IsDefined(mode) && !char.IsAsciiDigit(text[0])
            ? mode
            : throw new TenancyException("InvalidConnection", $"{origin} has the SSL mode '{text}'.", "Use disable, allow, prefer, require, verify-ca or verify-full.");

    /// <summary>Reads whole seconds; 0 and less mean the default, null.</summary>
    /// <exception cref="TenancyException"><c>InvalidConnection</c>, with the origin.</exception>
    public static TimeSpan? ParseTimeout(string text, string origin) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds)
            ? seconds > 0 ? TimeSpan.FromSeconds(seconds) : null
            : throw new TenancyException("InvalidConnection", $"{origin} has the connect timeout '{text}'.", "Write whole seconds.");
}
