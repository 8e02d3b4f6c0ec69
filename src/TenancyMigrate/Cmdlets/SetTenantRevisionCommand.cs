using System.Collections;
using System.Management.Automation;
using Tenancy.Core.Manifests;
using Tenancy.Model;
using TenancyMigrate.Completion;
using TenancyMigrate.Pipeline;
using TenancyMigrate.Tenants;

namespace TenancyMigrate.Cmdlets;

/// <summary>Says at which revision tenants are, and runs nothing.</summary>
/// <remarks>
/// <para>For a schema that another tool has migrated, and for one that was dropped and restored from a dump: the history does not know what it holds, so somebody has to say. Marks of a revision in progress are dropped. What is said is written to the history as a stamp.</para>
/// <para>-FromShape finds it out: all revisions are replayed one after another in a scratch schema, which is rolled back, and a tenant is said to be where its schema is what the revision leaves. Where several leave the same, it is the newest if what lies between would only be recorded on the tenant, as a repair of others; else -To says which. Where none leaves it, nothing is written, and the error says which is nearest and how it differs. The role needs CREATE on the database.</para>
/// </remarks>
/// <example>
/// <para>A tenant was restored from a dump that was taken at revision 3fa9d210.</para>
/// <code>Set-TenantRevision -Tenant acme -To 3fa9d210</code>
/// </example>
/// <example>
/// <para>See what would be written for every tenant that shows as Recreated.</para>
/// <code>Get-TenantRevision | Where-Object Status -eq Recreated | Set-TenantRevision -To head -WhatIf</code>
/// </example>
/// <example>
/// <para>Drop what no manifest has any more, and begin again from a revision.</para>
/// <code>Set-TenantRevision -Tenant acme -To 7c1e -Purge</code>
/// </example>
/// <example>
/// <para>Schemas that the history does not know: see where their shape says that they are.</para>
/// <code>Compare-TenantSchema | Where-Object Status -in NoHistory, Recreated | Set-TenantRevision -FromShape -WhatIf</code>
/// </example>
[Cmdlet(VerbsCommon.Set, "TenantRevision", DefaultParameterSetName = "To", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(MigrationResult))]
public sealed class SetTenantRevisionCommand : TenantCmdlet
{
    private bool isPlanOnly;

    /// <summary>Where they are: revisions or their first characters, one for each branch; a branch label; head, heads; or base for before any. With -FromShape: which it is of those that leave the schema as it is.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "To")]
    [Parameter(ParameterSetName = "FromShape")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RevisionCompleter))]
    public string[] To { get; set; } = [];

    /// <summary>Says that they are where their schemas are what the revision leaves.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "FromShape")]
    public SwitchParameter FromShape { get; set; }

    /// <summary>What does not count: grants, owners, comments; a kind of objects, such as trigger; or one of them, such as table:alembic_version, with wildcards.</summary>
    [Parameter(ParameterSetName = "FromShape")]
    [ValidateNotNullOrEmpty]
    public string[] Exclude { get; set; } = [];

    /// <summary>Values for what manifests write as ${x.key}, by key, as the runs had them.</summary>
    [Parameter(ParameterSetName = "FromShape")]
    [ValidateNotNull]
    public Hashtable Argument { get; set; } = [];

    /// <summary>Tenant (default) or Shared: which scope is meant.</summary>
    [Parameter(ParameterSetName = "To")]
    [ValidateSet("Tenant", "Shared")]
    public string Scope { get; set; } = "Tenant";

    /// <summary>Drops all that the history says first, revisions that no manifest has included.</summary>
    [Parameter(ParameterSetName = "To")]
    public SwitchParameter Purge { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var scope = Enum.Parse<MigrationScope>(Scope, ignoreCase: true);
        if (IsEmpty && scope == MigrationScope.Tenant)
        {
            return;
        }

        RunWithFleet(async (fleet, pump, token) =>
        {
            var tenants = scope == MigrationScope.Shared && IsEmpty ? [] : await SelectOrAllAsync(fleet, pump, token).ConfigureAwait(false);
            var agreed = await pump.AskAsync(() => scope == MigrationScope.Shared
                ? Agree("the shared schema") ? tenants : null
                : AgreeEach(tenants, Agree)).ConfigureAwait(false);
            if (!isPlanOnly && (agreed is null || (agreed.Count == 0 && scope == MigrationScope.Tenant)))
            {
                return;
            }

            var log = new PipelineLog(pump, this, "Set revision");
            var chosen = isPlanOnly ? tenants : agreed!;
            var results = FromShape
                ? fleet.StampFromShapeAsync(chosen, new() { Arguments = RunArguments.Read(Argument), Excluded = [.. Exclude], To = [.. To] }, isPlanOnly, log, token)
                : fleet.StampAsync(chosen, To, scope, Purge, isPlanOnly, log, token);
            await foreach (var result in results.ConfigureAwait(false))
            {
                await pump.SendAsync(() => this.WriteResult(result, result.Failure)).ConfigureAwait(false);
            }
        });
    }

    private bool Agree(string what)
    {
        var action = FromShape ? $"Say that {what} is where its schema says" : $"Say that {what} is at {string.Join(", ", To)}";
        var agreed = ShouldProcess(action, action + "?", "Set revision", out var reason);
        isPlanOnly |= reason.HasFlag(ShouldProcessReason.WhatIf);
        return agreed;
    }
}
