using System.Management.Automation;
using Tenancy.Core.Tenants;
using Tenancy.Model;
using TenancyMigrate.Completion;
using TenancyMigrate.Connections;

namespace TenancyMigrate.Cmdlets;

/// <summary>Chooses the database that the cmdlets of this session use, and tries the connection.</summary>
/// <remarks>
/// <para>What no parameter says comes from the service file and the PG* variables, as with psql; without this cmdlet everything does. The choice is kept for this session alone: jobs and threads make their own.</para>
/// <para>Every other cmdlet that connects has the same parameters, which go before this choice.</para>
/// </remarks>
/// <example>
/// <para>Connect to a database over TLS, with the server's certificate checked, and name the project to work on.</para>
/// <code>Connect-TenantDatabase -Server db.example.com -Database app -Credential (Get-Credential) -Project ./migrations</code>
/// </example>
/// <example>
/// <para>Log in to Azure Database for PostgreSQL with Microsoft Entra. The script block is asked again when a new connection needs a fresh token.</para>
/// <code>
/// $token = { (Get-AzAccessToken -ResourceTypeName OssRdbms -AsSecureString).Token }
/// Connect-TenantDatabase -Server 'postgresql://deploy@contoso.postgres.database.azure.com/app' -AccessToken $token
/// </code>
/// </example>
/// <example>
/// <para>Work through PgBouncer, and send steps that cannot run in a transaction to the server itself.</para>
/// <code>Connect-TenantDatabase -Server pooler:6432 -Database app -DirectServer db:5432</code>
/// </example>
[Cmdlet(VerbsCommunications.Connect, "TenantDatabase")]
[OutputType(typeof(TenantDatabase))]
public sealed class ConnectTenantDatabaseCommand : ConnectedCmdlet
{
    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var choice = OwnChoice();
        Run(async (pump, token) =>
        {
            var (database, warnings) = await DatabaseProbe.TryAsync(MakeSettings(choice, pump), token).ConfigureAwait(false);
            await pump.SendAsync(() =>
            {
                foreach (var warning in warnings)
                {
                    WriteWarning(warning);
                }

                SessionConnection.Remember(choice);
                WriteObject(database with { Project = choice.Project });
            }).ConfigureAwait(false);
        });
        if (SearchProject() is { } project)
        {
            // Whoever connects by hand completes revisions next; in a new session reading the manifests takes longer than one waits for at a prompt.
            CandidateCommand.BeginRevisions(project);
        }
    }
}
