namespace Tenancy.Core.Revisions;

/// <summary>Which way a revision is taken.</summary>
public enum RevisionDirection
{
    /// <summary>Applied: its <c>up</c> runs.</summary>
    Up,

    /// <summary>Undone: its <c>down</c> runs.</summary>
    Down,
}
