using System.Buffers.Binary;
using System.Security.Cryptography;
using Anatomic.Wire;

namespace Anatomic.Tracker.Snapshots;

/// <summary>
/// A buffer for one chunk: kind (1 byte), length of the payload (4 bytes), payload, SHA-256. All numbers are
/// big-endian. The digest includes the number of the chunk, so that none can be left out, repeated or moved.
/// </summary>
internal sealed class SnapshotChunk
{
    /// <summary>
    /// A chunk is read and verified as a whole. It is small enough to be filled while a shard's lock is held: about 10
    /// µs.
    /// </summary>
    public const int MaxPayloadBytes = 16 * 1024;
    public const int HeadBytes = 5;
    public const int DigestBytes = SHA256.HashSizeInBytes;
    public const int MaxBytes = HeadBytes + MaxPayloadBytes + DigestBytes;

    private readonly byte[] bytes = new byte[MaxBytes];

    public int Length { get; private set; }

    public Span<byte> FreeSpace => bytes.AsSpan(HeadBytes + Length, MaxPayloadBytes - Length);

    public void Advance(int count)
    {
        Length += count;
        Invariant.Holds(Length <= MaxPayloadBytes);
    }

    /// <summary>Returns the complete chunk, and starts an empty one.</summary>
    public ReadOnlyMemory<byte> Seal(ChunkKind kind, long number)
    {
        bytes[0] = (byte)kind;
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(1), Length);
        var end = HeadBytes + Length;
        Digest(bytes.AsSpan(0, end), number, bytes.AsSpan(end));
        Length = 0;
        return bytes.AsMemory(0, end + DigestBytes);
    }

    /// <summary>Reads the length of a chunk from its first bytes. False: they do not start a chunk.</summary>
    public static bool TryReadLength(ReadOnlySpan<byte> head, out int chunkBytes)
    {
        chunkBytes = 0;
        if (head.Length < HeadBytes)
        {
            return false;
        }
        var payload = BinaryPrimitives.ReadInt32BigEndian(head[1..]);
        chunkBytes = HeadBytes + payload + DigestBytes;
        return payload is >= 0 and <= MaxPayloadBytes;
    }

    /// <summary>False: the chunk is truncated, corrupt, or has another number.</summary>
    public static bool TryRead(
        ReadOnlySpan<byte> chunk,
        long number,
        out ChunkKind kind,
        out ReadOnlySpan<byte> payload
    )
    {
        kind = default;
        payload = default;
        if (!TryReadLength(chunk, out var length) || chunk.Length != length)
        {
            return false;
        }
        var end = length - DigestBytes;
        Span<byte> digest = stackalloc byte[DigestBytes];
        Digest(chunk[..end], number, digest);
        kind = (ChunkKind)chunk[0];
        payload = chunk[HeadBytes..end];
        return digest.SequenceEqual(chunk[end..]);
    }

    private static void Digest(ReadOnlySpan<byte> chunk, long number, Span<byte> into)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> counter = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(counter, number);
        hash.AppendData(counter);
        hash.AppendData(chunk);
        Invariant.Holds(hash.TryGetHashAndReset(into, out _));
    }
}
