using Npgsql;

namespace Tenancy.Core.Execution.Waiting;

/// <summary>Keeps a transaction that waits for others from being ended by <c>idle_in_transaction_session_timeout</c>: asks it something now and then.</summary>
internal sealed class IdleTransaction : IAsyncDisposable
{
    private readonly NpgsqlConnection connection;
    private readonly CancellationTokenSource end = new();
    private readonly SemaphoreSlim turn = new(1);
    private readonly Task asking;

    /// <summary>Begins to ask.</summary>
    /// <param name="connection">The connection, in the transaction; nobody else's until this is disposed.</param>
    /// <param name="pause">How long between two questions.</param>
    public IdleTransaction(NpgsqlConnection connection, TimeSpan pause)
    {
        this.connection = connection;
        asking = AskAsync(pause);
    }

    /// <summary>Asks now.</summary>
    /// <exception cref="NpgsqlException">The transaction is gone.</exception>
    public async Task CheckAsync()
    {
        await turn.WaitAsync();
        try
        {
            await using var command = new NpgsqlCommand("SELECT", connection);
            await command.ExecuteNonQueryAsync();
        }
        catch (InvalidOperationException error) when (connection.State != System.Data.ConnectionState.Open)
        {
            // An earlier question met its end.
            throw new NpgsqlException("The connection is closed: the server ended it.", error);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Asks no more; the connection is the caller's again.</summary>
    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        await asking;
        end.Dispose();
        turn.Dispose();
    }

    private async Task AskAsync(TimeSpan pause)
    {
        try
        {
            while (true)
            {
                await Task.Delay(pause, end.Token);
                await CheckAsync();
            }
        }
        catch (Exception error) when (error is OperationCanceledException or NpgsqlException)
        {
            // At its end; or the transaction is gone, which CheckAsync or COMMIT will say.
        }
    }
}
