using System.Collections;

namespace Tenancy.Model;

/// <summary>A tenant's labels: free text by name, such as <c>region</c> or <c>ring</c>. Names are compared without regard to case.</summary>
public sealed class TenantLabels : Dictionary<string, string>
{
    /// <summary>No labels.</summary>
    public TenantLabels() : base(StringComparer.OrdinalIgnoreCase)
    {
    }

    /// <summary>Labels from a hashtable, so that PowerShell can cast one.</summary>
    /// <param name="labels">Names and values; a null value becomes the empty text.</param>
    public TenantLabels(IDictionary labels) : this()
    {
        ArgumentNullException.ThrowIfNull(labels);
        foreach (DictionaryEntry entry in labels)
        {
            this[entry.Key.ToString()!] = entry.Value?.ToString() ?? "";
        }
    }

    /// <summary><c>name=value; name=value</c>, by name: what a table shows, and what a CSV file of tenants gives back.</summary>
    public override string ToString() => string.Join("; ", this.OrderBy(static label => label.Key, StringComparer.OrdinalIgnoreCase).Select(static label => $"{label.Key}={label.Value}"));
}
