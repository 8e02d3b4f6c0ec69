using System.Net;
using System.Net.Sockets;

namespace TenancyMigrate.Tests.Hosting;

/// <summary>A way to a server that takes its time: whatever passes is held back, each way.</summary>
internal sealed class FarServer : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly string host;
    private readonly int port;
    private readonly Func<TimeSpan> delay;

    /// <summary>Starts one on a free port.</summary>
    /// <param name="host">The server's host.</param>
    /// <param name="port">The server's port.</param>
    /// <param name="delay">How long the next part is held back.</param>
    public FarServer(string host, int port, Func<TimeSpan> delay)
    {
        (this.host, this.port, this.delay) = (host, port, delay);
        listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>Where it listens, on 127.0.0.1.</summary>
    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <inheritdoc/>
    public void Dispose() => listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        using (var server = new TcpClient { NoDelay = true })
        {
            client.NoDelay = true;
            await server.ConnectAsync(host, port);
            await Task.WhenAny(PassAsync(client.GetStream(), server.GetStream()), PassAsync(server.GetStream(), client.GetStream()));
        }
    }

    private async Task PassAsync(NetworkStream from, NetworkStream to)
    {
        var buffer = new byte[1 << 16];
        int read;
        while ((read = await from.ReadAsync(buffer)) > 0)
        {
            await Task.Delay(delay());
            await to.WriteAsync(buffer.AsMemory(0, read));
        }
    }
}
