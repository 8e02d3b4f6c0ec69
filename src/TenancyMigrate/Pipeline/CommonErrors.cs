using System.Globalization;
using System.Management.Automation;
using Tenancy.Model;

namespace TenancyMigrate.Pipeline;

/// <summary>Writes the results of a run. Of tenants that one cause kept from their work each has its result, and all of them one error, after the results: a fleet of thousands would bury the cause.</summary>
/// <param name="cmdlet">Takes them.</param>
internal sealed class CommonErrors(Cmdlet cmdlet)
{
    private const int Examples = 3;

    private readonly Dictionary<(string ErrorId, string Cause), (MigrationFailure First, List<(string Name, object Item)> Tenants)> causes = [];

    /// <summary>Writes a result, then its failure where the cause is its own.</summary>
    /// <param name="item">The result.</param>
    /// <param name="name">The tenant's name.</param>
    /// <param name="failure">What it failed with; null for nothing.</param>
    public void Write(object item, string name, MigrationFailure? failure)
    {
        cmdlet.WriteObject(item);
        WriteFailure(item, name, failure);
    }

    /// <summary>Writes a failure where the cause is the result's own.</summary>
    /// <param name="item">The result.</param>
    /// <param name="name">The tenant's name.</param>
    /// <param name="failure">What it failed with; null for nothing.</param>
    public void WriteFailure(object item, string name, MigrationFailure? failure)
    {
        if (failure is not { Cause: { } cause })
        {
            if (failure is not null)
            {
                cmdlet.WriteError(ErrorRecords.From(failure, item));
            }

            return;
        }

        if (!causes.TryGetValue((failure.ErrorId, cause), out var known))
        {
            causes.Add((failure.ErrorId, cause), known = (failure, []));
        }

        known.Tenants.Add((name, item));
    }

    /// <summary>Writes an error a cause; its target is the results of those tenants.</summary>
    public void Complete()
    {
        foreach (var (first, tenants) in causes.Values)
        {
            var failure = tenants.Count == 1 ? first : first with
            {
                Message = string.Create(CultureInfo.InvariantCulture, $"{tenants.Count:N0} tenants were not reached ({string.Join(", ", tenants.Take(Examples).Select(static tenant => tenant.Name))}{(tenants.Count > Examples ? ", …" : "")}): {first.Cause}"),
            };
            cmdlet.WriteError(ErrorRecords.From(failure, tenants.Count == 1 ? tenants[0].Item : tenants.Select(static tenant => tenant.Item).ToArray()));
        }

        causes.Clear();
    }
}
