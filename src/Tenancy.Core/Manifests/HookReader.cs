using System.Collections.Immutable;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Manifests.Yaml;
using Tenancy.Core.Operations;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Manifests;

/// <summary>Reads <c>hooks</c> of the project file.</summary>
internal static class HookReader
{
    /// <summary>Reads and compiles them.</summary>
    /// <param name="hooks">The mapping, whose form has been checked.</param>
    /// <param name="tokens">The project's tokens.</param>
    /// <param name="file">The project file, as the user would type it.</param>
    /// <param name="errors">Takes what no form can express.</param>
    public static ProjectHooks Read(Fields hooks, SqlTokens tokens, string file, ErrorList errors)
    {
        Manifest? Of(string key, MigrationScope scope) => hooks.Node(key) is { } node ? Read(key, node, scope, tokens, file, errors) : null;
        return new(
            Of("before_run", MigrationScope.Shared),
            Of("after_run", MigrationScope.Shared),
            Of("before_tenant", MigrationScope.Tenant),
            Of("after_tenant", MigrationScope.Tenant));
    }

    private static Manifest Read(string key, YamlNode node, MigrationScope scope, SqlTokens tokens, string file, ErrorList errors)
    {
        var text = node is YamlScalar scalar ? scalar.Text : Fields.Of(node).Source("sql")!;
        var statements = new SqlCompiler(tokens).Compile(text, errors);
        foreach (var statement in statements.Where(static statement => !statement.IsTransactional || statement.CommitAfter))
        {
            errors.Report(statement.Position, $"A hook is one transaction, in which {statement.Command} cannot be. Write it as a revision.");
        }

        ImmutableArray<CompiledOperation> operations = [new(new SqlOperation { Position = text.Start, Scope = scope, Text = text }, statements)];
        new SubstitutionCheck([], null, scope, errors).Check(operations, [], [], []);
        return new()
        {
            Revision = key,
            IsHook = true,
            Scope = scope,
            Touches = node is YamlMapping map ? [.. new Fields(map).Texts("touches").Select(ManifestForm.Touch)] : [],
            Up = operations,
            Down = [],
            Path = file,
            Checksum = "",
            CanonicalText = "",
            Position = text.Start,
        };
    }
}
