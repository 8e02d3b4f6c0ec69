using System.Text.Json.Nodes;
using Tenancy.Core.Catalog.Diffs;
using Xunit;

namespace Tenancy.Core.Tests.Catalog.Diffs;

/// <summary>What protects rows is not gone when an online form commits.</summary>
public sealed class GapTests(DiffServer server) : IClassFixture<DiffServer>
{
    private const string Note = "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';";

    /// <summary>A change, and the operations that must stand between the same two commits.</summary>
    [Theory]
    [InlineData("CREATE TABLE t (a int, b int); CREATE TRIGGER tr BEFORE UPDATE OF a ON t FOR EACH ROW EXECUTE FUNCTION note();", "CREATE TABLE t (a bigint NOT NULL, b int); CREATE INDEX t_b ON t (b); CREATE TRIGGER tr BEFORE UPDATE OF a ON t FOR EACH ROW EXECUTE FUNCTION note();", "drop_trigger", "create_trigger")]
    [InlineData("CREATE TABLE t (a int, b int); CREATE POLICY p ON t USING (a > 0);", "CREATE TABLE t (a bigint, b int CHECK (b > 0)); CREATE INDEX t_b ON t (b); CREATE POLICY p ON t USING (a > 0);", "drop_policy", "create_policy")]
    [InlineData("CREATE TABLE t (a int, b int); CREATE VIEW v AS SELECT a FROM t; CREATE INDEX gone ON t (b);", "CREATE TABLE t (a bigint, b int NOT NULL); CREATE UNIQUE INDEX t_a ON t (a); CREATE VIEW v AS SELECT a FROM t;", "drop_view", "create_view")]
    [InlineData("CREATE TABLE t (a int, b int); CREATE UNIQUE INDEX t_a ON t (a) WHERE a > 0;", "CREATE TABLE t (a bigint, b int NOT NULL); CREATE UNIQUE INDEX t_a ON t (a) WHERE a > 5;", "drop_index", "create_index")]
    [InlineData("CREATE TABLE t (a int CONSTRAINT k UNIQUE, b int); CREATE TABLE u (a int CONSTRAINT f REFERENCES t (a), b int);", "CREATE TABLE t (a int CONSTRAINT k UNIQUE DEFERRABLE, b int); CREATE TABLE u (a int, b int);", "drop_constraint", "add_constraint")]
    [InlineData("CREATE TYPE mood AS ENUM ('ok'); CREATE TABLE t (a int, m mood); CREATE VIEW v AS SELECT a, m FROM t;", "CREATE TYPE mood AS ENUM ('ok', 'glad'); CREATE TABLE t (a bigint, m mood); CREATE VIEW v AS SELECT a, m FROM t;", "drop_view", "create_view")]
    [InlineData("CREATE TABLE t (a int); CREATE MATERIALIZED VIEW m AS SELECT a FROM t; CREATE UNIQUE INDEX m_a ON m (a); CREATE VIEW v AS SELECT a FROM m;", "CREATE TABLE t (a bigint); CREATE MATERIALIZED VIEW m AS SELECT a FROM t; CREATE UNIQUE INDEX m_a ON m (a); CREATE VIEW v AS SELECT a FROM m;", "drop_view", "create_view")]
    [InlineData("CREATE TYPE kind AS ENUM ('a'); CREATE DOMAIN few AS int CHECK (VALUE < 5); CREATE TABLE t (k kind, n few);", "CREATE TYPE kind AS ENUM ('a', 'b'); CREATE DOMAIN few AS bigint CHECK (VALUE < 5); CREATE TABLE t (k kind, n few);", "rename_type", "create_domain")]
    public async Task NothingCommitsWhileItIsGone(string before, string after, string goes, string comes)
    {
        var (schema, from, to) = await server.MakePairAsync(Note + before, Note + after);

        var diff = SchemaDiff.Compare(from, to);

        var operations = diff.Operations.ToList();
        var (first, last) = (operations.FindIndex(operation => operation.Name == goes), operations.FindLastIndex(operation => operation.Name == comes));
        Assert.True(first >= 0 && first < last, diff.ToYaml());
        Assert.False(operations[first..(last + 1)].Any(Commits), diff.ToYaml());
        Assert.DoesNotContain(diff.Changes.SelectMany(static change => change.Hazards), static hazard => hazard.Kind == HazardKind.LeavesGap);
        await server.ApplyAsync(schema, diff, isTransaction: false);
        Shape.AssertEqual(to, await server.ReadAsync(schema), diff);
    }

    [Fact]
    public async Task WhatCommitsOtherwiseStaysOnline()
    {
        var diff = await server.CompareAsync(
            Note + "CREATE TABLE t (a int, b int CHECK (b > 0), c int CHECK (c > 0)); CREATE VIEW v AS SELECT a FROM t;",
            Note + "CREATE TABLE t (a bigint, b int NOT NULL CHECK (b > 1), c int CHECK (c > 1)); CREATE INDEX t_a ON t (a); CREATE VIEW v AS SELECT a FROM t;");

        Assert.True(diff.Operations.Count(static operation => operation.Name == "validate_constraint") == 3, diff.ToYaml());
        Assert.Single(diff.Operations, static operation => operation.Value is JsonObject keys && keys["concurrently"] is not null);
        Assert.True(diff.Operations.ToList().FindIndex(Commits) > diff.Operations.ToList().FindIndex(static operation => operation.Name == "create_view"), diff.ToYaml());
    }

    [Fact]
    public async Task ADefaultIsThereBeforeNullsAreRefused()
    {
        var diff = await server.CompareAsync("CREATE TABLE t (a int);", "CREATE TABLE t (a int NOT NULL DEFAULT 3);");

        Assert.Equal(["alter_column", "add_constraint", "validate_constraint", "alter_column", "drop_constraint"], diff.Operations.Select(static operation => operation.Name));
    }

    private static bool Commits(ManifestOperation operation) => operation.Name is "validate_constraint" or "add_enum_value" || (operation.Value is JsonObject keys && keys["concurrently"] is not null);
}
