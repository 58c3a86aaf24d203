using System.Buffers.Binary;
using Anatomic.Wire;

namespace Anatomic.Tracker.Snapshots;

/// <summary>
/// A swarm with some or all of its peers: hash, downloads, seconds since the last announce (-1: never), the numbers of
/// IPv4 and IPv6 peers, and the peers. A peer is its compact form, the seconds since its last announce, and flags.
/// </summary>
internal ref struct SnapshotRecord
{
    public const int HeadBytes = Hash20.Length + (4 * sizeof(int));
    public const int PeerBytesV4 = 6 + TailBytes;
    public const int PeerBytesV6 = 18 + TailBytes;
    private const int TailBytes = sizeof(ushort) + 1;
    private const byte SeedFlag = 1;
    private const byte PausedFlag = 2;

    public Hash20 Swarm;
    public int Downloaded;
    public int SinceAnnounceSeconds;
    public ReadOnlySpan<byte> V4;
    public ReadOnlySpan<byte> V6;

    public readonly int Peers => (V4.Length / PeerBytesV4) + (V6.Length / PeerBytesV6);

    /// <summary>Reads a record from the front of a payload. False: it is invalid.</summary>
    public static bool TryRead(ref ReadOnlySpan<byte> payload, out SnapshotRecord record)
    {
        record = default;
        if (payload.Length < HeadBytes)
        {
            return false;
        }
        var numbers = payload[Hash20.Length..];
        record.Swarm = new Hash20(payload);
        record.Downloaded = BinaryPrimitives.ReadInt32BigEndian(numbers);
        record.SinceAnnounceSeconds = BinaryPrimitives.ReadInt32BigEndian(numbers[4..]);
        var v4Bytes = BinaryPrimitives.ReadUInt32BigEndian(numbers[8..]) * (long)PeerBytesV4;
        var v6Bytes = BinaryPrimitives.ReadUInt32BigEndian(numbers[12..]) * (long)PeerBytesV6;
        var rest = payload[HeadBytes..];
        if (record.Downloaded < 0 || record.SinceAnnounceSeconds < -1 || v4Bytes + v6Bytes > rest.Length)
        {
            return false;
        }
        record.V4 = rest[..(int)v4Bytes];
        record.V6 = rest.Slice((int)v4Bytes, (int)v6Bytes);
        payload = rest[(int)(v4Bytes + v6Bytes)..];
        return true;
    }

    public static void WriteHead(
        Span<byte> into,
        in Hash20 swarm,
        int downloaded,
        int sinceAnnounceSeconds,
        int countV4,
        int countV6
    )
    {
        swarm.CopyTo(into);
        var numbers = into[Hash20.Length..];
        BinaryPrimitives.WriteInt32BigEndian(numbers, downloaded);
        BinaryPrimitives.WriteInt32BigEndian(numbers[4..], sinceAnnounceSeconds);
        BinaryPrimitives.WriteInt32BigEndian(numbers[8..], countV4);
        BinaryPrimitives.WriteInt32BigEndian(numbers[12..], countV6);
    }

    public static void WritePeer(Span<byte> into, in Endpoint address, int ageSeconds, bool isSeed, bool isPaused)
    {
        var compact = address.WriteCompact(into);
        BinaryPrimitives.WriteUInt16BigEndian(into[compact..], (ushort)Math.Min(ageSeconds, ushort.MaxValue));
        into[compact + 2] = (byte)((isSeed ? SeedFlag : 0) | (isPaused ? PausedFlag : 0));
    }

    public static (Endpoint Address, int AgeSeconds, bool IsSeed, bool IsPaused) ReadPeer(ReadOnlySpan<byte> peer)
    {
        var compact = peer.Length - TailBytes;
        var flags = peer[^1];
        var isSeed = (flags & SeedFlag) != 0;
        return (
            Endpoint.FromCompact(peer[..compact]),
            BinaryPrimitives.ReadUInt16BigEndian(peer[compact..]),
            isSeed,
            !isSeed && (flags & PausedFlag) != 0
        );
    }
}
