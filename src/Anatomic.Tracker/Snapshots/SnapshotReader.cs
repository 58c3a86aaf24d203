using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Anatomic.Wire;

namespace Anatomic.Tracker.Snapshots;

/// <summary>
/// Verifies the chunks of a snapshot in order, and that they are complete. Invalid input is a fault, never an
/// exception.
/// </summary>
internal sealed class SnapshotReader
{
    private const int HeadBytes = 8 + sizeof(int) + sizeof(long);
    private const int EndBytes = 2 * sizeof(long);
    private const int Version = 1;

    private static readonly Fault NotASnapshot = new("it is not a snapshot of swarms");
    private static readonly Fault OtherVersion = new("it was written by another version of the program");
    private static readonly Fault Corrupt = new("it is corrupt or truncated");

    private long records;

    private static ReadOnlySpan<byte> Magic => "ANATOMIC"u8;

    /// <summary>The number of the next chunk.</summary>
    public long Number { get; private set; }

    public DateTimeOffset SavedAt { get; private set; }

    /// <summary>Peers so far.</summary>
    public long Peers { get; private set; }

    /// <summary>The last chunk was read; no bytes may follow it.</summary>
    public bool IsComplete { get; private set; }

    public static void WriteHead(SnapshotChunk chunk, DateTimeOffset now)
    {
        var into = chunk.FreeSpace;
        Magic.CopyTo(into);
        BinaryPrimitives.WriteInt32BigEndian(into[8..], Version);
        BinaryPrimitives.WriteInt64BigEndian(into[12..], now.ToUnixTimeMilliseconds());
        chunk.Advance(HeadBytes);
    }

    public static void WriteEnd(SnapshotChunk chunk, long records, long peers)
    {
        BinaryPrimitives.WriteInt64BigEndian(chunk.FreeSpace, records);
        BinaryPrimitives.WriteInt64BigEndian(chunk.FreeSpace[8..], peers);
        chunk.Advance(EndBytes);
    }

    /// <summary>
    /// Reads the next chunk. <paramref name="swarms"/> receives its records, all of them valid, or is empty.
    /// </summary>
    public bool TryReadChunk(
        ReadOnlySpan<byte> chunk,
        out ReadOnlySpan<byte> swarms,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        swarms = default;
        if (!SnapshotChunk.TryRead(chunk, Number, out var kind, out var payload) || IsComplete)
        {
            fault = Number == 0 ? NotASnapshot : Corrupt;
            return false;
        }
        fault =
            Number++ == 0 ? ReadHead(kind, payload)
            : kind == ChunkKind.Swarms && TryCount(payload) ? null
            : kind == ChunkKind.End && IsEnd(payload) ? null
            : Corrupt;
        IsComplete = kind == ChunkKind.End;
        swarms = kind == ChunkKind.Swarms ? payload : default;
        return fault is null;
    }

    private Fault? ReadHead(ChunkKind kind, ReadOnlySpan<byte> payload)
    {
        if (kind != ChunkKind.Head || payload.Length < Magic.Length + 4 || !payload.StartsWith(Magic))
        {
            return NotASnapshot;
        }
        if (BinaryPrimitives.ReadInt32BigEndian(payload[8..]) != Version || payload.Length != HeadBytes)
        {
            return OtherVersion;
        }
        var saved = BinaryPrimitives.ReadInt64BigEndian(payload[12..]);
        var isTime =
            saved >= DateTimeOffset.UnixEpoch.ToUnixTimeMilliseconds()
            && saved <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();
        SavedAt = isTime ? DateTimeOffset.FromUnixTimeMilliseconds(saved) : default;
        return isTime ? null : Corrupt;
    }

    private bool TryCount(ReadOnlySpan<byte> payload)
    {
        while (!payload.IsEmpty)
        {
            if (!SnapshotRecord.TryRead(ref payload, out var record))
            {
                return false;
            }
            records++;
            Peers += record.Peers;
        }
        return true;
    }

    private bool IsEnd(ReadOnlySpan<byte> payload) =>
        payload.Length == EndBytes
        && BinaryPrimitives.ReadInt64BigEndian(payload) == records
        && BinaryPrimitives.ReadInt64BigEndian(payload[8..]) == Peers;
}
