namespace Tenancy.Core.Provisioning;

/// <summary>A revision that a tenant has without having run it: it was made as others are.</summary>
/// <param name="Revision">Its id.</param>
/// <param name="Checksum">Its manifest's.</param>
/// <param name="Message">What history says of it.</param>
internal sealed record MadeRevision(string Revision, string Checksum, string Message)
{
    /// <summary>The same as columns, for <c>record_new.sql</c> and <c>record_made.sql</c>.</summary>
    /// <param name="revisions">The revisions.</param>
    public static object?[] Columns(IReadOnlyCollection<MadeRevision> revisions) =>
        [revisions.Select(static made => made.Revision).ToArray(), revisions.Select(static made => made.Checksum).ToArray(), revisions.Select(static made => made.Message).ToArray()];
}
