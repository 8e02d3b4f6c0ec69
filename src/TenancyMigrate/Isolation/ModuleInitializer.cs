using System.Management.Automation;
using Tenancy.Model;
using TenancyMigrate.Connections;

namespace TenancyMigrate.Isolation;

/// <summary>What PowerShell calls when the module comes and goes. Not for scripts.</summary>
public sealed class ModuleInitializer : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    /// <inheritdoc/>
    public void OnImport()
    {
        EngineLoadContext.Register();
        // Loads the types that travel, so that a script can name them from the start: [Tenancy.Model.Tenant] @{ … }.
        GC.KeepAlive(typeof(Tenant));
    }

    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo) => SessionConnection.Forget();
}
