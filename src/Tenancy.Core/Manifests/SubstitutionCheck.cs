using System.Collections.Immutable;
using Tenancy.Core.Manifests.Yaml;
using Tenancy.Core.Operations;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Manifests;

/// <summary>Checks what statements ask to be filled in: arguments must be declared, and shared scope has no tenant.</summary>
/// <param name="declared">The arguments declared without errors.</param>
/// <param name="written">All arguments as written: a faulty declaration is told once.</param>
/// <param name="scope">The revision's scope.</param>
/// <param name="errors">Takes the errors.</param>
internal sealed class SubstitutionCheck(ImmutableArray<ArgumentDeclaration> declared, YamlMapping? written, MigrationScope scope, ErrorList errors)
{
    private readonly HashSet<(SourcePosition, string)> told = [];

    /// <summary>Checks all statements of a manifest.</summary>
    public void Check(ImmutableArray<CompiledOperation> up, ImmutableArray<CompiledOperation> down, ImmutableArray<Requirement> requires, ImmutableArray<Verification> verify)
    {
        foreach (var (operation, statements) in up.Concat(down))
        {
            foreach (var statement in statements)
            {
                Check(statement.Template, statement.Position, (operation as SqlOperation)?.Text);
                if (statement.DoneWhen is { } done)
                {
                    Check(done, operation.DoneWhen!.Start, operation.DoneWhen);
                }
            }
        }

        foreach (var query in requires.Select(static entry => entry.Sql).Concat(verify.Select(static entry => entry.Sql)))
        {
            Check(query.Template, query.Position, null);
        }
    }

    private void Check(SqlTemplate template, SourcePosition position, SourceText? text)
    {
        foreach (var segment in template.Segments)
        {
            if (segment.Kind == SqlSegmentKind.Argument && !declared.Any(argument => argument.Name == segment.Text) && written?[segment.Text] is null)
            {
                var place = text?.Text.IndexOf($"${{x.{segment.Text}}}", StringComparison.Ordinal) is >= 0 and { } offset ? text.PositionAt(offset) : position;
                Report(place, segment.Text,
                    $"The argument '${{x.{segment.Text}}}' is not declared. Add 'arguments: {{{segment.Text}: {{type: text}}}}' to the manifest.",
                    Spelling.Nearest(segment.Text, declared.Select(static argument => argument.Name)) is { } near ? $"${{x.{near}}}" : null);
            }
            else if (scope == MigrationScope.Shared && segment.Kind is SqlSegmentKind.TenantSchema or SqlSegmentKind.TenantName)
            {
                Report(position, "", "A revision of scope 'shared' runs once per database, where there is no tenant. Name the shared schema, or set 'scope: tenant'.");
            }
        }
    }

    private void Report(SourcePosition position, string what, string message, string? suggestion = null)
    {
        if (told.Add((position, what)))
        {
            errors.Report(position, message, suggestion);
        }
    }
}
