namespace Tenancy.Core.Repairs;

/// <summary>What a repair looks for.</summary>
[Flags]
public enum RepairKind
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Applied revisions whose manifests have changed.</summary>
    Checksum = 1,

    /// <summary>Rows of schemas that are gone, heads too many, marks that nothing is in progress for.</summary>
    Orphan = 2,

    /// <summary>Steps outside a transaction whose run died.</summary>
    Step = 4,

    /// <summary>All of it.</summary>
    All = Checksum | Orphan | Step,
}
