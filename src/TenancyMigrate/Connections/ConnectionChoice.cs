using System.Management.Automation;

namespace TenancyMigrate.Connections;

/// <summary>What the user said about the connection, as it was said. What is null was not said.</summary>
internal sealed record ConnectionChoice
{
    public string? Server { get; init; }

    public int? Port { get; init; }

    public string? Database { get; init; }

    public PSCredential? Credential { get; init; }

    /// <summary>A SecureString, or a script block that gives one.</summary>
    public object? AccessToken { get; init; }

    public string? SslMode { get; init; }

    public string? DirectServer { get; init; }

    /// <summary>The project, absolute.</summary>
    public string? Project { get; init; }

    /// <summary>This choice, and where it says nothing, the session's.</summary>
    /// <remarks>Another server gets nothing of the session's but the project: its credential is not for strangers.</remarks>
    public ConnectionChoice Over(ConnectionChoice? session)
    {
        if (session is null)
        {
            return this;
        }

        if (Server is not null)
        {
            return this with { Project = Project ?? session.Project };
        }

        var saysWho = Credential is not null || AccessToken is not null;
        return new ConnectionChoice
        {
            Server = session.Server,
            Port = Port ?? session.Port,
            Database = Database ?? session.Database,
            Credential = saysWho ? Credential : session.Credential,
            AccessToken = saysWho ? AccessToken : session.AccessToken,
            SslMode = SslMode ?? session.SslMode,
            DirectServer = DirectServer ?? session.DirectServer,
            Project = Project ?? session.Project,
        };
    }
}
