using System.Globalization;
using Npgsql;
using Tenancy.Core.History;
using Tenancy.Model;

namespace Tenancy.Core.Execution;

/// <summary>Writes to history what left the schema as it was, after the rollback: a failure, a revision that was left out.</summary>
internal static class OutcomeRecord
{
    /// <summary>Writes a failure if it can: the failure itself is what the user must hear of, not that it could not be written.</summary>
    /// <param name="context">The run.</param>
    /// <param name="target">The schema.</param>
    /// <param name="failure">What went wrong.</param>
    /// <param name="started">When work on the schema started, UTC.</param>
    public static Task WriteAsync(RunContext context, SchemaTarget target, MigrationFailure failure, DateTime started) => WriteAsync(context, target, Record(
        context,
        target,
        "record_failure",
        failure.Revision,
        context.Direction,
        ToolVersion.Text,
        failure.SqlState,
        failure.Manifest is null ? null : failure.Line is { } line ? string.Create(CultureInfo.InvariantCulture, $"{failure.Manifest}:{line}") : failure.Manifest,
        failure.Message,
        started));

    /// <summary>Writes that a revision was left out, if it can; once, while nothing else happens to the revision there.</summary>
    /// <param name="context">The run.</param>
    /// <param name="target">The schema.</param>
    /// <param name="unmet">What the revision requires.</param>
    public static Task WriteAsync(RunContext context, SchemaTarget target, RevisionCheck unmet) => WriteAsync(context, target, Skip(context, target, unmet));

    /// <summary>Adds the same to a transaction that is committed whatever was left out.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="context">The run.</param>
    /// <param name="target">The schema.</param>
    /// <param name="unmet">What the revision requires.</param>
    public static void AddSkip(CommandList commands, RunContext context, SchemaTarget target, RevisionCheck unmet) =>
        Add(commands, context, target, "record_skip", unmet.Stage.Revision.Manifest.Revision, context.Direction, ToolVersion.Text, unmet.Message);

    /// <summary>The transaction that writes that a revision was left out.</summary>
    /// <param name="context">The run.</param>
    /// <param name="target">The schema.</param>
    /// <param name="unmet">What the revision requires.</param>
    public static CommandList Skip(RunContext context, SchemaTarget target, RevisionCheck unmet)
    {
        CommandList commands = [];
        commands.AddBegin(context, target);
        AddSkip(commands, context, target, unmet);
        commands.Add("COMMIT");
        return commands;
    }

    private static CommandList Record(RunContext context, SchemaTarget target, string file, params object?[] values)
    {
        CommandList commands = [];
        commands.AddBegin(context, target);
        Add(commands, context, target, file, values);
        commands.Add("COMMIT");
        return commands;
    }

    private static void Add(CommandList commands, RunContext context, SchemaTarget target, string file, params object?[] values) =>
        commands.Add(context.History.File(file), [context.Request.RunId, context.Project.Fleet, target.ScopeName, target.Schema, target.Name, .. values]);

    private static async Task WriteAsync(RunContext context, SchemaTarget target, CommandList commands)
    {
        try
        {
            await using var connection = await context.Connector.OpenAsync(target.Address, CancellationToken.None);
            await commands.ExecuteAsync(connection, CancellationToken.None);
        }
        catch (Exception error) when (error is NpgsqlException or TenancyException or IOException)
        {
            context.Log.Warn($"{target}: what happened could not be written to history: {error.Message}");
        }
    }
}
