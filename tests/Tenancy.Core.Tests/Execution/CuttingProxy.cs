using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Tenancy.Core.Tests.Execution;

/// <summary>Stands between a run and the server, and cuts connections at their COMMIT: before the server has it, or before the client hears of it.</summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource end = new();
    private readonly TestDatabase database;
    private readonly string server;
    private readonly int serverPort;
    private readonly string marker;
    private readonly bool reachesServer;
    private readonly int passes;
    private readonly int most;
    private readonly string? upTo;
    private readonly Task accepting;
    private readonly Lock turn = new();
    private int seen;

    /// <summary>Starts.</summary>
    /// <param name="database">The server behind.</param>
    /// <param name="marker">What a connection must have sent before its COMMIT is cut.</param>
    /// <param name="reachesServer">True to let the COMMIT through, and keep back the answer.</param>
    /// <param name="passes">How many such COMMITs go through unharmed before each cut.</param>
    /// <param name="most">How many connections are cut at the most.</param>
    /// <param name="upTo">What the message with the COMMIT is cut before, behind the first COMMIT in it; null to cut it as a whole.</param>
    internal CuttingProxy(TestDatabase database, string marker, bool reachesServer, int passes = 0, int most = 1, string? upTo = null)
    {
        this.upTo = upTo;
        this.database = database;
        server = database.Server.Host;
        serverPort = database.Server.Port;
        this.marker = marker;
        this.reachesServer = reachesServer;
        this.passes = passes;
        this.most = most;
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        accepting = AcceptAsync();
    }

    internal int Port { get; }

    /// <summary>How many connections were cut.</summary>
    internal int Cuts { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        listener.Stop();
        await accepting;
        end.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true)
            {
                connections.Add(CarryAsync(await listener.AcceptTcpClientAsync(end.Token)));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task CarryAsync(TcpClient client)
    {
        using (client)
        using (var upstream = new TcpClient())
        {
            try
            {
                await upstream.ConnectAsync(server, serverPort, end.Token);
                var (near, far) = (client.GetStream(), upstream.GetStream());
                using var one = CancellationTokenSource.CreateLinkedTokenSource(end.Token);
                var back = CopyAsync(far, near, one);
                await SendAsync(near, far, StopAnswersAsync, one.Token);
                await StopAnswersAsync();

                async Task StopAnswersAsync()
                {
                    await one.CancelAsync();
                    await back;
                }
            }
            catch (Exception error) when (error is IOException or OperationCanceledException or SocketException)
            {
                // One side is gone; disposing closes the other.
            }
        }
    }

    private static async Task CopyAsync(NetworkStream from, NetworkStream to, CancellationTokenSource stop)
    {
        try
        {
            await from.CopyToAsync(to, stop.Token);
            await stop.CancelAsync();
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            // Ended.
        }
    }

    private async Task SendAsync(NetworkStream near, NetworkStream far, Func<Task> stopAnswers, CancellationToken cancellation)
    {
        var buffer = new byte[65536];
        var isMarked = false;
        while (await near.ReadAsync(buffer, cancellation) is > 0 and var count)
        {
            var text = Encoding.Latin1.GetString(buffer, 0, count);
            isMarked |= text.Contains(marker, StringComparison.Ordinal);
            if (isMarked && text.Contains("COMMIT\0", StringComparison.Ordinal) && IsTurn())
            {
                if (upTo is not null)
                {
                    var first = text.IndexOf("COMMIT\0", StringComparison.Ordinal);
                    await stopAnswers();
                    await far.WriteAsync(buffer.AsMemory(0, text.IndexOf(upTo, first, StringComparison.Ordinal)), end.Token);
                    await UntilDoneAsync();
                }
                else if (reachesServer)
                {
                    // The answer is awaited, so that the commit is over when the client hears of the cut, but goes no further.
                    await stopAnswers();
                    await far.WriteAsync(buffer.AsMemory(0, count), end.Token);
                    await far.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false, end.Token);
                }

                return;
            }

            isMarked &= !text.Contains("COMMIT\0", StringComparison.Ordinal);
            await far.WriteAsync(buffer.AsMemory(0, count), cancellation);
        }
    }

    // In the middle of a message the server answers nothing; it waits for the rest.
    private async Task UntilDoneAsync()
    {
        while (!await database.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND wait_event = 'ClientRead')"))
        {
            await Task.Delay(20, end.Token);
        }
    }

    private bool IsTurn()
    {
        lock (turn)
        {
            if (Cuts == most || ++seen <= passes)
            {
                return false;
            }

            (seen, Cuts) = (0, Cuts + 1);
            return true;
        }
    }
}
