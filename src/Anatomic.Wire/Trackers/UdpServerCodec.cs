using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Anatomic.Wire.Trackers;

/// <summary>The head of a request to a UDP tracker, and its body.</summary>
public readonly ref struct UdpRequest
{
    /// <summary>Connect, Announce or Scrape.</summary>
    public required UdpAction Action { get; init; }

    /// <summary>The connection id, not checked yet.</summary>
    public required ulong Connection { get; init; }
    public required uint Transaction { get; init; }

    /// <summary>Everything after the 16 bytes of the head.</summary>
    public required ReadOnlySpan<byte> Body { get; init; }
}

/// <summary>
/// The server's side of the UDP tracker protocol (BEP 15, 41). Writers return the packet's length. Allocates nothing.
/// </summary>
public static class UdpServerCodec
{
    public const int ConnectBytes = 16;
    public const int AnnounceHeaderBytes = 20;
    public const int ScrapeHeaderBytes = 8;
    public const int ScrapeBytesEach = 12;
    public const int ErrorHeaderBytes = 8;

    /// <summary>Length of the head in front of every request's body.</summary>
    public const int HeadBytes = 16;

    /// <summary>
    /// Reads the head of a request; false for anything that is not a packet of the protocol, which is dropped.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryReadRequest(ReadOnlySpan<byte> datagram, out UdpRequest request)
    {
        request = default;
        if (datagram.Length < HeadBytes)
        {
            return false;
        }
        var connection = BinaryPrimitives.ReadUInt64BigEndian(datagram);
        var action = (UdpAction)BinaryPrimitives.ReadInt32BigEndian(datagram[8..]);
        var body = datagram[HeadBytes..];
        var fine = action switch
        {
            UdpAction.Connect => connection == UdpClientCodec.ProtocolId,
            UdpAction.Announce => datagram.Length >= UdpClientCodec.AnnounceBytes,
            UdpAction.Scrape => body.Length >= Hash20.Length,
            _ => false,
        };
        if (!fine)
        {
            return false;
        }
        request = new UdpRequest
        {
            Action = action,
            Connection = connection,
            Transaction = BinaryPrimitives.ReadUInt32BigEndian(datagram[12..]),
            Body = body,
        };
        return true;
    }

    /// <summary>
    /// Finds the info-hash of what looks like an announce, without validating the rest; false for other packets.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryPeekSwarm(ReadOnlySpan<byte> datagram, out Hash20 swarm)
    {
        var isAnnounce =
            datagram.Length >= UdpClientCodec.AnnounceBytes
            && BinaryPrimitives.ReadInt32BigEndian(datagram[8..]) == (int)UdpAction.Announce;
        swarm = isAnnounce ? new Hash20(datagram[HeadBytes..]) : default;
        return isAnnounce;
    }

    /// <summary>Reads the body of an announce. Ignores its IP field and treats unknown events as none.</summary>
    public static bool TryReadAnnounce(
        in UdpRequest request,
        out AnnounceQuery query,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        var body = request.Body;
        var port = BinaryPrimitives.ReadUInt16BigEndian(body[80..]);
        var reason = BinaryPrimitives.ReadUInt32BigEndian(body[64..]);
        fault = port == 0 ? AnnounceQuery.BadPort : null;
        query = new AnnounceQuery
        {
            Swarm = new Hash20(body),
            Port = port,
            IsSeed = BinaryPrimitives.ReadInt64BigEndian(body[48..]) == 0,
            Event = reason <= (uint)AnnounceEvent.Paused ? (AnnounceEvent)reason : AnnounceEvent.None,
            Wanted = BinaryPrimitives.ReadInt32BigEndian(body[76..]),
            Compact = true,
            Key = BinaryPrimitives.ReadUInt32BigEndian(body[72..]),
        };
        return fault is null;
    }

    /// <summary>
    /// Joins the URL data of an announce (BEP 41). False when an option extends beyond the packet or the data does not
    /// fit into <paramref name="into"/>; the announce itself stays valid.
    /// </summary>
    public static bool TryReadUrlData(in UdpRequest announce, Span<byte> into, out int length)
    {
        length = 0;
        var rest = announce.Body[(UdpClientCodec.AnnounceBytes - HeadBytes)..];
        while (!rest.IsEmpty && rest[0] != UdpClientCodec.EndOfOptions)
        {
            if (rest[0] == UdpClientCodec.NoOption)
            {
                rest = rest[1..];
                continue;
            }
            if (rest.Length < 2 || rest.Length < 2 + rest[1])
            {
                return false;
            }
            var data = rest.Slice(2, rest[1]);
            if (rest[0] == UdpClientCodec.UrlData)
            {
                if (!data.TryCopyTo(into[length..]))
                {
                    return false;
                }
                length += data.Length;
            }
            rest = rest[(2 + data.Length)..];
        }
        return true;
    }

    /// <summary>Number of hashes in a scrape, at most <see cref="TrackerProtocolLimits.MaxUdpScrapeHashes"/>.</summary>
    public static int ScrapeHashCount(in UdpRequest request) =>
        Math.Min(request.Body.Length / Hash20.Length, TrackerProtocolLimits.MaxUdpScrapeHashes);

    public static Hash20 ScrapeHashAt(in UdpRequest request, int index) =>
        new(request.Body.Slice(index * Hash20.Length, Hash20.Length));

    public static int WriteConnect(Span<byte> into, uint transaction, ulong connection)
    {
        WriteHeader(into, UdpAction.Connect, transaction);
        BinaryPrimitives.WriteUInt64BigEndian(into[8..], connection);
        return ConnectBytes;
    }

    /// <summary>
    /// Writes the part before the peers, which the caller writes from <see cref="AnnounceHeaderBytes"/> on.
    /// </summary>
    public static int WriteAnnounceHeader(
        Span<byte> into,
        uint transaction,
        int intervalSeconds,
        int incomplete,
        int complete
    )
    {
        WriteHeader(into, UdpAction.Announce, transaction);
        BinaryPrimitives.WriteInt32BigEndian(into[8..], intervalSeconds);
        BinaryPrimitives.WriteInt32BigEndian(into[12..], incomplete);
        BinaryPrimitives.WriteInt32BigEndian(into[16..], complete);
        return AnnounceHeaderBytes;
    }

    /// <summary>
    /// Writes the part before the counts; then follow <see cref="WriteScrapeFile"/> for each hash, in the request's
    /// order.
    /// </summary>
    public static int WriteScrapeHeader(Span<byte> into, uint transaction)
    {
        WriteHeader(into, UdpAction.Scrape, transaction);
        return ScrapeHeaderBytes;
    }

    public static int WriteScrapeFile(Span<byte> into, in ScrapeCounts counts)
    {
        BinaryPrimitives.WriteInt32BigEndian(into, counts.Complete);
        BinaryPrimitives.WriteInt32BigEndian(into[4..], counts.Downloaded);
        BinaryPrimitives.WriteInt32BigEndian(into[8..], counts.Incomplete);
        return ScrapeBytesEach;
    }

    public static int WriteError(Span<byte> into, uint transaction, ReadOnlySpan<byte> reason)
    {
        WriteHeader(into, UdpAction.Error, transaction);
        reason.CopyTo(into[ErrorHeaderBytes..]);
        return ErrorHeaderBytes + reason.Length;
    }

    private static void WriteHeader(Span<byte> into, UdpAction action, uint transaction)
    {
        BinaryPrimitives.WriteInt32BigEndian(into, (int)action);
        BinaryPrimitives.WriteUInt32BigEndian(into[4..], transaction);
    }
}
