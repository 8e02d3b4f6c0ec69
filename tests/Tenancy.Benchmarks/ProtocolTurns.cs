using System.Buffers.Binary;

namespace Tenancy.Benchmarks;

/// <summary>Whose turn it is on a connection, by the messages of the server (manual, 55.7): a type of one byte, and a length that counts itself. Before the first <c>ReadyForQuery</c> nothing counts.</summary>
internal sealed class ProtocolTurns
{
    private const byte ReadyForQuery = (byte)'Z';
    private const byte Terminate = (byte)'X';

    private readonly byte[] header = new byte[5];
    private int headerFilled;
    private long bodyLeft;
    private volatile bool isReady;

    /// <summary>Takes what is delivered to the client.</summary>
    public void Deliver(ReadOnlySpan<byte> data)
    {
        while (data.Length > 0)
        {
            if (bodyLeft > 0)
            {
                var skipped = (int)Math.Min(bodyLeft, data.Length);
                bodyLeft -= skipped;
                data = data[skipped..];
                continue;
            }

            header[headerFilled++] = data[0];
            data = data[1..];
            if (headerFilled == header.Length)
            {
                headerFilled = 0;
                bodyLeft = BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(1)) - 4;
                isReady = header[0] == ReadyForQuery || isReady;
            }
        }
    }

    /// <summary>Whether what the client sends begins a round trip; its goodbye does not.</summary>
    public bool IsFlight(ReadOnlySpan<byte> data)
    {
        var begins = isReady && data[0] != Terminate;
        isReady = isReady && !begins;
        return begins;
    }
}
