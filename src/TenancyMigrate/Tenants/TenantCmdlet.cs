using System.Management.Automation;
using Tenancy.Core;
using Tenancy.Core.Tenants;
using Tenancy.Model;
using TenancyMigrate.Completion;
using TenancyMigrate.Connections;
using TenancyMigrate.Pipeline;

namespace TenancyMigrate.Tenants;

/// <summary>A cmdlet that takes tenants. Not for scripts.</summary>
public abstract class TenantCmdlet : FleetCmdlet
{
    private readonly List<Tenant> given = [];

    /// <summary>The tenants: what Get-Tenant gives, names (wildcards are looked up), or any object or hashtable with Schema, such as a row of a CSV file or the result of an earlier run. Default: all of the project.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [Alias("Name")]
    [TenantTransformation]
    [SupportsWildcards]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(TenantCompleter))]
    public Tenant[]? Tenant { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => given.AddRange(Tenant ?? []);

    /// <summary>False where no tenants were said, so all are meant. An empty pipeline means none, not all.</summary>
    private protected bool IsSelective => MyInvocation.ExpectingInput || MyInvocation.BoundParameters.ContainsKey(nameof(Tenant));

    /// <summary>True where tenants were said and there are none, so there is nothing to do, and no project to look for.</summary>
    private protected bool IsEmpty => IsSelective && given.Count == 0;

    /// <summary>Asks about each tenant; with -WhatIf once for all, because nobody reads ten thousand lines that say the same.</summary>
    /// <param name="tenants">The tenants.</param>
    /// <param name="agree">Asks about what it is told.</param>
    private protected List<Tenant> AgreeEach(List<Tenant> tenants, Func<string, bool> agree) =>
        IsWhatIf && tenants.Count > 1 ? (agree($"each of {tenants.Count} tenants") ? tenants : []) : tenants.FindAll(tenant => agree(Describe(tenant)));

    private static string Describe(Tenant tenant) => tenant.Name == tenant.Schema ? $"tenant '{tenant.Name}'" : $"tenant '{tenant.Name}' (schema '{tenant.Schema}')";

    private bool IsWhatIf => MyInvocation.BoundParameters.TryGetValue("WhatIf", out var said) ? said is SwitchParameter { IsPresent: true } : LanguagePrimitives.IsTrue(GetVariableValue("WhatIfPreference"));

    /// <summary>The tenants meant; null where none were said, so all are meant.</summary>
    private protected async Task<List<Tenant>?> SelectAsync(Fleet fleet, PipelinePump pump, CancellationToken cancellation) =>
        IsSelective ? await MakeSelection(fleet, pump).SelectAsync(given, mustExist: false, cancellation).ConfigureAwait(false) : null;

    /// <summary>The tenants meant, without a connection where that is possible: a plain name is a schema's, unless the project has a file that says otherwise.</summary>
    private protected Task<List<Tenant>> SelectUnseenAsync(Fleet fleet, PipelinePump pump, CancellationToken cancellation) =>
        IsSelective && fleet.Project.Tenants?.File is null && !given.Exists(static tenant => TenantSelection.IsNameOnly(tenant) && new NamePattern(tenant.Name, ignoreCase: true).IsWildcard)
            ? Task.FromResult(given.ConvertAll(static tenant => TenantSelection.IsNameOnly(tenant) ? TenantSelection.AsSchema(tenant) : tenant))
            : SelectOrAllAsync(fleet, pump, cancellation);

    /// <summary>The tenants meant; all of the project where none were said.</summary>
    private protected async Task<List<Tenant>> SelectOrAllAsync(Fleet fleet, PipelinePump pump, CancellationToken cancellation) =>
        await SelectAsync(fleet, pump, cancellation).ConfigureAwait(false) ?? await MakeSelection(fleet, pump).ReadAllAsync(cancellation).ConfigureAwait(false);
}
