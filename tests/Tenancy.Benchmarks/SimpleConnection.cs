using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Tenancy.Benchmarks;

/// <summary>
/// PostgreSQL's simple query protocol and nothing else (manual, 55.2.2): statements go as one text in one message, which Npgsql does not do, and which is the least that a client can do.
/// The server must trust it.
/// </summary>
internal sealed class SimpleConnection : IDisposable
{
    private readonly Socket socket;
    private byte[] received = new byte[8192];

    /// <summary>Connects.</summary>
    /// <param name="server">Where.</param>
    /// <param name="database">The database.</param>
    public SimpleConnection(EndPoint server, string database)
    {
        socket = server is IPEndPoint
            ? new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }
            : new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(server);
        // Version 3.0.
        Send(null, [0, 3, 0, 0, .. Encoding.UTF8.GetBytes($"user\0postgres\0database\0{database}\0\0")]);
        ReadUntilReady();
    }

    /// <summary>Sends statements in one message and waits until the server is ready again; results are thrown away.</summary>
    /// <param name="sql">The statements.</param>
    /// <exception cref="InvalidOperationException">The server's error.</exception>
    public void Execute(string sql)
    {
        Send('Q', [.. Encoding.UTF8.GetBytes(sql), 0]);
        ReadUntilReady();
    }

    /// <summary>Says goodbye.</summary>
    public void Dispose()
    {
        Send('X', []);
        socket.Dispose();
    }

    private void Send(char? type, byte[] body)
    {
        var start = type is null ? 0 : 1;
        var message = new byte[start + 4 + body.Length];
        if (type is { } letter)
        {
            message[0] = (byte)letter;
        }

        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(start), 4 + body.Length);
        body.CopyTo(message.AsSpan(start + 4));
        for (var sent = 0; sent < message.Length;)
        {
            sent += socket.Send(message.AsSpan(sent));
        }
    }

    private void ReadUntilReady()
    {
        string? error = null;
        var filled = 0;
        while (true)
        {
            var read = socket.Receive(received.AsSpan(filled));
            if (read == 0)
            {
                throw new InvalidOperationException(error ?? "The server closed the connection.");
            }

            filled += read;
            var at = 0;
            while (filled - at >= 5)
            {
                var length = BinaryPrimitives.ReadInt32BigEndian(received.AsSpan(at + 1)) + 1;
                if (length > received.Length)
                {
                    Array.Resize(ref received, length);
                }

                if (filled - at < length)
                {
                    break;
                }

                if (received[at] == 'E')
                {
                    error = Encoding.UTF8.GetString(received, at + 5, length - 5).Replace('\0', ' ');
                }
                else if (received[at] == 'Z')
                {
                    if (error is not null)
                    {
                        throw new InvalidOperationException(error);
                    }

                    return;
                }

                at += length;
            }

            received.AsSpan(at, filled - at).CopyTo(received);
            filled -= at;
        }
    }
}
