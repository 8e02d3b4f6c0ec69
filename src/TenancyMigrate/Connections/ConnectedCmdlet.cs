using System.Management.Automation;
using Tenancy.Core.Tenants;
using TenancyMigrate.Pipeline;

namespace TenancyMigrate.Connections;

/// <summary>A cmdlet that connects. Its parameters go before the session's default. Not for scripts.</summary>
public abstract class ConnectedCmdlet : ProjectCmdlet
{
    /// <summary>Host, host:port, socket folder or postgresql:// address of the server. Default: that of Connect-TenantDatabase, else the service file and the PG* variables, as psql. Another server than the session's gets none of the session's credentials.</summary>
    [Parameter]
    [Alias("SqlInstance")]
    [ValidateNotNullOrEmpty]
    public string? Server { get; set; }

    /// <summary>The server's port. Default: that of -Server, else 5432.</summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int Port { get; set; }

    /// <summary>The database of tenants that name none.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Database { get; set; }

    /// <summary>Role and password. Without it, PGUSER, PGPASSWORD and the password file count, as with psql.</summary>
    [Parameter]
    [Credential]
    [ValidateNotNull]
    public PSCredential? Credential { get; set; }

    /// <summary>An access token instead of a password, such as one of Microsoft Entra: a SecureString, or a script block that gives one. The script block is asked again for each new connection, because tokens live about an hour. The role is that of -Server, such as postgresql://deploy@db/app, or PGUSER.</summary>
    [Parameter]
    [AccessTokenTransformation]
    [ValidateNotNull]
    public object? AccessToken { get; set; }

    /// <summary>How the connection is encrypted. Default: VerifyFull where the server is not local, else Prefer.</summary>
    [Parameter]
    [ValidateSet("Disable", "Allow", "Prefer", "Require", "VerifyCA", "VerifyFull")]
    public string? SslMode { get; set; }

    /// <summary>Where steps go that cannot run in a transaction, when -Server is a pooler such as PgBouncer: host, host:port or socket folder of the server itself. Of a standby it is the primary, where Compare-TenantSchema replays manifests.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? DirectServer { get; set; }

    /// <summary>What this cmdlet's parameters say, and nothing of the session's.</summary>
    private protected ConnectionChoice OwnChoice() => new()
    {
        Server = Server,
        Port = Port == 0 ? null : Port,
        Database = Database,
        Credential = Credential,
        AccessToken = AccessToken,
        SslMode = SslMode,
        DirectServer = DirectServer,
        Project = Project is null ? null : ResolveProject(Project),
    };

    /// <summary>The engine's settings. A token's script block is asked on the pipeline's thread, through the pump.</summary>
    private protected static ConnectionSettings MakeSettings(ConnectionChoice choice, PipelinePump pump)
    {
        var settings = choice.Server is { } server ? ConnectionSettings.FromServer(server) : new ConnectionSettings();
        settings = settings with
        {
            Port = choice.Port ?? settings.Port,
            Database = choice.Database ?? settings.Database,
            SslMode = choice.SslMode is { } mode ? Enum.Parse<ConnectionSslMode>(mode, ignoreCase: true) : settings.SslMode,
            DirectServer = choice.DirectServer,
        };
        if (choice.Credential is { } credential)
        {
            settings = (settings with { Username = credential.UserName }).WithPassword(credential.GetNetworkCredential().Password);
        }

        return choice.AccessToken is { } token ? settings with { PasswordProvider = AccessTokens.MakeProvider(token, pump) } : settings;
    }
}
