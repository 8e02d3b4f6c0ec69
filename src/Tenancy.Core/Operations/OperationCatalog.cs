using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Tenancy.Core.Operations;

/// <summary>All operations that manifests may use. A new one is a file of its own and a line here.</summary>
internal static class OperationCatalog
{
    /// <summary>The operations, in the order to show.</summary>
    public static readonly ImmutableArray<OperationDefinition> All =
    [
        CreateTable.Definition,
        DropTable.Definition,
        AlterTable.Definition,
        RenameTable.Definition,
        AddColumn.Definition,
        DropColumn.Definition,
        AlterColumn.Definition,
        CreateIndex.Definition,
        AlterIndex.Definition,
        DropIndex.Definition,
        CreateStatistics.Definitions.Create,
        AlterStatistics.Definition,
        CreateStatistics.Definitions.Drop,
        AddConstraint.Definition,
        ValidateConstraint.Definition,
        DropConstraint.Definition,
        CreateSequence.Definitions.Create,
        AlterSequence.Definition,
        CreateSequence.Definitions.Drop,
        CreateEnumType.Definitions.Create,
        AddEnumValue.Definition,
        RenameEnumValue.Definition,
        CreateEnumType.Definitions.Drop,
        CreateDomain.Definitions.Create,
        CreateDomain.Definitions.Drop,
        CreateCompositeType.Definitions.Create,
        CreateCompositeType.Definitions.Drop,
        CreateRangeType.Definitions.Create,
        CreateRangeType.Definitions.Drop,
        CreateView.Definitions.Create,
        CreateView.Definitions.Drop,
        CreateMaterializedView.Definitions.Create,
        RefreshMaterializedView.Definition,
        CreateMaterializedView.Definitions.Drop,
        CreateRoutine.Function,
        DropRoutine.Function,
        CreateRoutine.Procedure,
        DropRoutine.Procedure,
        CreateTrigger.Definitions.Create,
        SetTrigger.Definition,
        CreateTrigger.Definitions.Drop,
        SetRowSecurity.Definition,
        CreatePolicy.Definitions.Create,
        CreatePolicy.Definitions.Drop,
        CreatePartition.Definitions.Create,
        AttachPartition.Attach,
        AttachPartition.Detach,
        CreatePartition.Definitions.Drop,
        .. RenameObject.Definitions,
        Comment.Definition,
        GrantPrivileges.Grant,
        GrantPrivileges.Revoke,
        SetOwner.Definition,
        CreateExtension.Definition,
        DropExtension.Definition,
        InsertRows.Definition,
        UpdateRows.Definition,
        DeleteRows.Definition,
        SqlOperation.Definition,
        SqlFileOperation.Definition,
    ];

    /// <summary>The operations by name.</summary>
    public static readonly FrozenDictionary<string, OperationDefinition> ByName = All.ToFrozenDictionary(static definition => definition.Name, StringComparer.Ordinal);
}
