using Tenancy.Core.Authoring;
using Tenancy.Core.Authoring.Autogenerate;
using Tenancy.Core.Execution;
using Tenancy.Model;

namespace Tenancy.Core;

/// <content>Writing manifests from what a database has.</content>
public sealed partial class Fleet
{
    /// <summary>Compares a specimen with how its schema is to be, and makes the manifest that makes the one into the other, proved on a copy. Writes no file, and leaves nothing in the database.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="log">Takes what is said.</param>
    /// <param name="cancellation">Cancels the running statement and rolls back.</param>
    /// <returns>What came of it, and the manifest to write; null where there is none.</returns>
    /// <exception cref="TenancyException">The specimen is not at head, the desired schema cannot be read, the proof failed: nothing is made then.</exception>
    public Task<(GeneratedMigration Result, NewManifest? Manifest)> AutogenerateAsync(AutogenerateRequest request, IRunLog log, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new Autogeneration(Project, Revisions, connector, request, log).RunAsync(cancellation);
    }
}
