using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Manifests.Yaml;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary>An operation as manifests know it: its name, its form, and how to build it.</summary>
/// <param name="Name">Its key in a manifest.</param>
/// <param name="Description">One line for people; editors show it.</param>
/// <param name="Form">What stands under its key.</param>
/// <param name="Build">Builds it from a checked value; null after an error that no form can express.</param>
internal sealed record OperationDefinition(string Name, string Description, ValueForm Form, Func<YamlNode, BuildContext, Operation?> Build)
{
    /// <summary>True for what nothing but its author can undo: it takes the key <c>undo</c>.</summary>
    public bool TakesUndo { get; init; }
}

/// <summary>What building the operations of one list shares.</summary>
/// <param name="Scope">The revision's scope.</param>
/// <param name="Tokens">The project's tokens.</param>
/// <param name="Errors">Takes what no form can express.</param>
/// <param name="Files">Reads SQL files.</param>
internal sealed record BuildContext(MigrationScope Scope, SqlTokens Tokens, ErrorList Errors, SqlFiles Files)
{
    /// <summary>Tables that this revision has created, qualified.</summary>
    public HashSet<ObjectName> CreatedTables { get; } = [];

    /// <summary>Indexes that this revision has created, qualified.</summary>
    public HashSet<ObjectName> CreatedIndexes { get; } = [];

    /// <summary>Where the operation stands.</summary>
    public SourcePosition Position { get; init; }

    /// <summary>True for a table that this revision has created: nobody else can hold a lock on it.</summary>
    public bool HasCreated(ObjectName table) => CreatedTables.Contains(table.Qualify(Tokens, Scope));
}
