using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Tenancy.Benchmarks;

/// <summary>
/// Stands for the way to a remote server: all that passes is held back by half a round-trip time each way. Counts the flights: how often a client sent something after
/// it was told that the server is ready for it (<c>ReadyForQuery</c>), which is how often somebody waited a round trip. Takes connections without encryption only.
/// </summary>
internal sealed class DelayProxy : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly EndPoint server;
    private readonly TimeSpan delay;
    private readonly Task accepting;
    private int flights;
    private int connections;
    private long sent;

    /// <summary>Starts one on a free port.</summary>
    /// <param name="server">Where to.</param>
    /// <param name="roundTrip">The time that it adds to a round trip.</param>
    public DelayProxy(EndPoint server, TimeSpan roundTrip)
    {
        this.server = server;
        delay = roundTrip / 2;
        listener.Start();
        accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)listener.LocalEndpoint;

    /// <summary>Round trips since the last <see cref="Reset"/>, without those that open a connection.</summary>
    public int Flights => flights;

    /// <summary>Connections opened since the last <see cref="Reset"/>.</summary>
    public int Connections => connections;

    /// <summary>Bytes that clients sent since the last <see cref="Reset"/>.</summary>
    public long Sent => sent;

    /// <summary>Counts from nothing.</summary>
    public void Reset() => sent = flights = connections = 0;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> served = [];
        try
        {
            while (true)
            {
                served.Add(ServeAsync(await listener.AcceptSocketAsync(stop.Token)));
            }
        }
        finally
        {
            await Task.WhenAll(served).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ServeAsync(Socket client)
    {
        Interlocked.Increment(ref connections);
        using (client)
        using (var target = server is IPEndPoint ? new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true } : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            client.NoDelay = true;
            await target.ConnectAsync(server, stop.Token);
            var turns = new ProtocolTurns();
            await Task.WhenAll(
                PumpAsync(client, target, data => Count(data, turns), static _ => { }),
                PumpAsync(target, client, static _ => { }, data => turns.Deliver(data.Span)));
        }
    }

    private void Count(ReadOnlyMemory<byte> data, ProtocolTurns turns)
    {
        Interlocked.Add(ref sent, data.Length);
        Interlocked.Add(ref flights, turns.IsFlight(data.Span) ? 1 : 0);
    }

    private async Task PumpAsync(Socket from, Socket to, Action<ReadOnlyMemory<byte>> received, Action<ReadOnlyMemory<byte>> delivered)
    {
        var queue = Channel.CreateUnbounded<(long Received, byte[] Data)>();
        var delivering = DeliverAsync(queue.Reader, to, delivered);
        try
        {
            var buffer = new byte[65536];
            while (await from.ReceiveAsync(buffer, stop.Token) is > 0 and var read)
            {
                received(buffer.AsMemory(0, read));
                queue.Writer.TryWrite((Stopwatch.GetTimestamp(), buffer[..read]));
            }
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException)
        {
            // Cut, by either end or by us: as much as came is passed on.
        }

        queue.Writer.Complete();
        await delivering;
    }

    private async Task DeliverAsync(ChannelReader<(long Received, byte[] Data)> queue, Socket to, Action<ReadOnlyMemory<byte>> delivered)
    {
        try
        {
            await foreach (var (received, data) in queue.ReadAllAsync())
            {
                // A timer's tick is a millisecond: neither side of it is favoured.
                while ((delay - Stopwatch.GetElapsedTime(received)).TotalMilliseconds is > 0.5 and var left)
                {
                    await Task.Delay(Math.Max(1, (int)left), stop.Token);
                }

                delivered(data);
                for (var sent = 0; sent < data.Length;)
                {
                    sent += await to.SendAsync(data.AsMemory(sent), stop.Token);
                }
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException)
        {
            // Whoever should have it is gone.
        }
    }
}
