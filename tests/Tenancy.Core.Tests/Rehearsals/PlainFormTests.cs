using Tenancy.Core.Rehearsals;
using Xunit;

namespace Tenancy.Core.Tests.Rehearsals;

public sealed class PlainFormTests
{
    [Theory]
    [InlineData("CREATE INDEX CONCURRENTLY a ON t (concurrently)", "CREATE INDEX  a ON t (concurrently)")]
    [InlineData("create unique index /* concurrently */ concurrently if not exists a on t (b)", "create unique index /* concurrently */  if not exists a on t (b)")]
    [InlineData("DROP INDEX CONCURRENTLY IF EXISTS \"CONCURRENTLY\"", "DROP INDEX  IF EXISTS \"CONCURRENTLY\"")]
    [InlineData("REINDEX INDEX CONCURRENTLY a", "REINDEX INDEX  a")]
    [InlineData("REINDEX (VERBOSE) TABLE CONCURRENTLY a", "REINDEX (VERBOSE) TABLE  a")]
    [InlineData("REINDEX (CONCURRENTLY) INDEX a", "REINDEX (CONCURRENTLY FALSE) INDEX a")]
    [InlineData("REINDEX (VERBOSE, CONCURRENTLY ON) TABLE a", "REINDEX (VERBOSE, CONCURRENTLY FALSE) TABLE a")]
    [InlineData("ALTER TABLE a DETACH PARTITION b CONCURRENTLY", "ALTER TABLE a DETACH PARTITION b ")]
    [InlineData("REINDEX SCHEMA CONCURRENTLY a", null)]
    [InlineData("VACUUM a", null)]
    [InlineData("CALL a()", null)]
    [InlineData("CREATE INDEX a ON t (b)", null)]
    [InlineData("ALTER TABLE a DETACH PARTITION b FINALIZE", null)]
    public void Concurrent_statements_have_a_form_for_a_transaction(string sql, string? plain) => Assert.Equal(plain, PlainForm.Of(sql));
}
