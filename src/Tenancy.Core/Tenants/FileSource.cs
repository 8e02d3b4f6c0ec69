using System.Runtime.CompilerServices;
using System.Text;
using Tenancy.Core.Manifests;
using Tenancy.Model;

namespace Tenancy.Core.Tenants;

/// <summary>The tenants of a CSV file with a header, or of a YAML list.</summary>
public sealed class FileSource : ITenantSource
{
    private readonly string path;

    /// <summary>Takes the file; it is read when the source is.</summary>
    /// <param name="path">A <c>.csv</c>, <c>.yaml</c> or <c>.yml</c> file in UTF-8.</param>
    /// <exception cref="TenancyException"><c>InvalidTenantFile</c>: the name has another ending.</exception>
    public FileSource(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        this.path = path;
        if (!IsCsv && !IsYaml)
        {
            throw new TenancyException("InvalidTenantFile", $"'{path}' is neither a CSV nor a YAML file.", "Name it .csv, .yaml or .yml, by what is in it.");
        }
    }

    private bool IsCsv => HasEnding(".csv");

    private bool IsYaml => HasEnding(".yaml") || HasEnding(".yml");

    /// <inheritdoc/>
    /// <exception cref="TenancyException"><c>InvalidTenantFile</c>, with file and line of each error.</exception>
    public async IAsyncEnumerable<Tenant> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var errors = new List<ManifestError>();
        var text = await ReadTextAsync(cancellation);
        var tenants = IsCsv ? CsvTenants.Read(path, text, errors) : YamlTenants.Read(path, text, errors);
        if (errors.Count > 0)
        {
            throw new TenancyException("InvalidTenantFile", $"The tenants of '{path}' cannot be read:{ErrorList.Describe(errors)}", "Mend the lines named and run again.");
        }

        foreach (var tenant in tenants)
        {
            yield return tenant;
        }
    }

    private async Task<string> ReadTextAsync(CancellationToken cancellation)
    {
        try
        {
            var bytes = await File.ReadAllBytesAsync(path, cancellation);
            var mark = bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes.AsSpan(mark));
        }
        catch (DecoderFallbackException error)
        {
            throw new TenancyException("InvalidTenantFile", $"'{path}' is not UTF-8: byte {error.Index + 1} is wrong.", "Save the file as UTF-8.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TenancyException("InvalidTenantFile", $"'{path}' cannot be read: {error.Message}", "Check path and permissions.", error);
        }
    }

    private bool HasEnding(string ending) => Path.GetExtension(path).Equals(ending, StringComparison.OrdinalIgnoreCase);
}
