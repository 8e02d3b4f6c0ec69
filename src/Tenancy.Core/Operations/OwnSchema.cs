using Tenancy.Core.Manifests;

namespace Tenancy.Core.Operations;

/// <summary>The schema of a revision's own scope, where an operation is on the schema itself.</summary>
internal static class OwnSchema
{
    /// <summary>Reports a schema that is not the revision's own: one revision is for one schema.</summary>
    /// <returns>True when it is.</returns>
    public static bool Check(Fields fields, BuildContext context)
    {
        var own = context.Scope == MigrationScope.Tenant ? context.Tokens.Tenant : context.Tokens.Shared;
        if (fields.Text("schema") == own)
        {
            return true;
        }

        context.Errors.Report(fields.Node("schema")!.Position, $"'schema' must be '{own}', the schema of this revision's scope, not '{fields.Text("schema")}'.");
        return false;
    }
}
