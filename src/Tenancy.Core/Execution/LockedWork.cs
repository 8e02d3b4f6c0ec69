namespace Tenancy.Core.Execution;

/// <summary>How work on one schema in a transaction of its own begins, under the schema's lock: <see cref="RetriedWork"/> does it.</summary>
internal static class LockedWork
{
    /// <summary>Begins the transaction and takes the lock.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="context">The run.</param>
    /// <param name="target">The schema.</param>
    public static void AddLockedBegin(this CommandList commands, RunContext context, SchemaTarget target)
    {
        commands.AddBegin(context, target);
        commands.Add($"SELECT {context.History.Quoted}.lock($1, $2, $3)", context.Project.Fleet, target.ScopeName, target.Schema);
    }
}
