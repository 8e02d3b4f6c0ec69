using System.Collections;
using System.Collections.Immutable;
using Npgsql;
using Tenancy.Core.Planning;

namespace Tenancy.Core.Execution;

/// <summary>The commands of one message to the server, as data: the executor sends them as a batch, a script writes them down.</summary>
internal sealed class CommandList : IEnumerable<SessionCommand>
{
    private readonly List<SessionCommand> commands = [];

    /// <summary>How many there are.</summary>
    public int Count => commands.Count;

    /// <summary>True where the answer to one decides whether to go on, or is to be told.</summary>
    public bool HasChecks => commands.Exists(static command => command.Check is not null);

    /// <summary>The command at a place, from 0.</summary>
    public SessionCommand this[int index] => commands[index];

    /// <summary>Adds a command with positional parameters.</summary>
    /// <param name="text">The SQL, sent as it is.</param>
    /// <param name="values">The parameters, null included.</param>
    public void Add(string text, params object?[] values) => Add(new SessionCommand(text, [.. values]));

    /// <summary>Adds a command.</summary>
    /// <param name="command">The command.</param>
    public void Add(SessionCommand command) => commands.Add(command);

    /// <summary>Takes all out, once they are sent.</summary>
    public void Clear() => commands.Clear();

    /// <summary>The commands as one batch of a connection.</summary>
    /// <param name="connection">The connection.</param>
    public NpgsqlBatch ToBatch(NpgsqlConnection connection)
    {
        var batch = new NpgsqlBatch(connection);
        AddTo(batch);
        return batch;
    }

    /// <summary>Adds the commands to a batch that has others.</summary>
    /// <param name="batch">The batch.</param>
    public void AddTo(NpgsqlBatch batch)
    {
        foreach (var command in commands)
        {
            batch.Add(command.Text, [.. command.Values]);
        }
    }

    /// <summary>Sends them, and passes over what they give.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="cancellation">Cancels the running command.</param>
    public async Task ExecuteAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var batch = ToBatch(connection);
        await batch.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>The command that an error of the batch is of; null where the server named none.</summary>
    /// <param name="batch">The batch of these commands.</param>
    /// <param name="error">The error.</param>
    public SessionCommand? Find(NpgsqlBatch batch, PostgresException error) =>
        error.BatchCommand is NpgsqlBatchCommand failed && batch.BatchCommands.IndexOf(failed) is >= 0 and var index ? commands[index] : null;

    /// <inheritdoc/>
    public IEnumerator<SessionCommand> GetEnumerator() => commands.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>One command.</summary>
/// <param name="Text">The SQL, with <c>$1</c> and so on for the values.</param>
/// <param name="Values">The values, null included.</param>
internal sealed record SessionCommand(string Text, ImmutableArray<object?> Values)
{
    /// <summary>The stage that it carries out a part of; null for what surrounds the stages.</summary>
    public PlanStage? Stage { get; init; }

    /// <summary>The manifest's statement that it is; null for what is not the manifest's, and for deferred constraints, which no one statement breaks.</summary>
    public PlannedStatement? Statement { get; init; }

    /// <summary>The check that it asks; null where it asks none.</summary>
    public RevisionCheck? Check { get; init; }

    /// <summary>The transaction whose placement it proves; null where it proves none.</summary>
    public PlanTransaction? Proved { get; init; }
}

/// <summary>A value of a command that a script, which may be run elsewhere and later, looks up by itself.</summary>
/// <param name="Value">The value as it was read.</param>
/// <param name="Expression">The SQL that gives it.</param>
internal sealed record LookedUp(string Value, string Expression);
