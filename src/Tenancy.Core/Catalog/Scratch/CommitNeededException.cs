namespace Tenancy.Core.Catalog.Scratch;

/// <summary>What is replayed cannot be in one transaction with what came before: an enum value is used that was added there (before PostgreSQL 17).</summary>
internal sealed class CommitNeededException() : Exception("A commit is needed in between.")
{
    /// <summary>SQLSTATE <c>unsafe_new_enum_value_usage</c> (manual, appendix A).</summary>
    public const string UnsafeNewEnumValueUsage = "55P04";
}
