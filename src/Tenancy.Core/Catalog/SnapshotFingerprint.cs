using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Tenancy.Core.Catalog;

/// <summary>
/// The fingerprint of objects, byte by byte what <c>snapshot_fingerprints.sql</c> computes: the SHA-256 of the objects' own in order, each of the binary form that <c>array_send</c> gives an array of texts (kind, name, table, properties).
/// </summary>
internal static class SnapshotFingerprint
{
    private const int TextOid = 25;

    /// <summary>Properties that every kind may have; they come after the others.</summary>
    private static readonly ImmutableArray<string> Common = ["comment", "grants", "owner", "revokes"];

    /// <summary>The fingerprint, as hexadecimal digits.</summary>
    public static string Of(IEnumerable<CatalogObject> objects) => Of(objects.Select(Hash));

    /// <summary>The same from the fingerprints of the objects.</summary>
    public static string Of(IEnumerable<byte[]> objects)
    {
        var hashes = objects.ToList();
        hashes.Sort(static (left, right) => left.AsSpan().SequenceCompareTo(right));
        return Convert.ToHexString(SHA256.HashData([.. hashes.SelectMany(static hash => hash)])).ToLowerInvariant();
    }

    /// <summary>The fingerprint of one object.</summary>
    public static byte[] Hash(CatalogObject item)
    {
        List<string> texts = [item.Identity.Kind, item.Identity.Name, item.Identity.Table ?? ""];
        texts.AddRange(item.Properties.Where(static pair => !Common.Contains(pair.Key)).Select(static pair => $"{pair.Key}={pair.Value}"));
        texts.AddRange(item.Properties.Where(static pair => Common.Contains(pair.Key)).Select(static pair => $"{pair.Key}={pair.Value}"));

        // One dimension, no nulls, the type, how many, the first index.
        ArrayBufferWriter<byte> writer = new();
        foreach (var number in (ReadOnlySpan<int>)[1, 0, TextOid, texts.Count, 1])
        {
            Write(writer, number);
        }

        foreach (var text in texts)
        {
            Write(writer, Encoding.UTF8.GetByteCount(text));
            Encoding.UTF8.GetBytes(text, writer);
        }

        return SHA256.HashData(writer.WrittenSpan);
    }

    private static void Write(ArrayBufferWriter<byte> writer, int number)
    {
        BinaryPrimitives.WriteInt32BigEndian(writer.GetSpan(sizeof(int)), number);
        writer.Advance(sizeof(int));
    }
}
