using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Anatomic.Wire.Trackers;

/// <summary>
/// The client's side of the UDP tracker protocol (BEP 15, 41): writes requests and reads responses. Writers return the
/// packet's length.
/// </summary>
public static class UdpClientCodec
{
    public const int ConnectBytes = 16;
    public const int AnnounceBytes = 98;
    public const int ScrapeHeaderBytes = 16;

    /// <summary>Takes the place of the connection id in a connect request (BEP 15).</summary>
    public const ulong ProtocolId = 0x41727101980;

    internal const byte EndOfOptions = 0;
    internal const byte NoOption = 1;
    internal const byte UrlData = 2;

    private const int ResponseHeaderBytes = 8;
    private const int AnnounceHeaderBytes = 20;
    private const int ScrapeBytesEach = 12;

    public static int WriteConnect(Span<byte> into, uint transaction)
    {
        WriteHeader(into, ProtocolId, UdpAction.Connect, transaction);
        return ConnectBytes;
    }

    /// <param name="into">At least <see cref="TrackerProtocolLimits.MaxUdpRequestBytes"/>.</param>
    /// <param name="urlData">
    /// Path and query of the tracker's URL (BEP 41), from which some trackers read a passkey; empty: none. Cut at
    /// <see cref="TrackerProtocolLimits.MaxUrlDataBytes"/>.
    /// </param>
    public static int WriteAnnounce(
        Span<byte> into,
        ulong connection,
        uint transaction,
        AnnounceRequest request,
        string urlData = ""
    )
    {
        WriteHeader(into, connection, UdpAction.Announce, transaction);
        request.Swarm.CopyTo(into[16..]);
        request.PeerId.CopyTo(into[36..]);
        BinaryPrimitives.WriteInt64BigEndian(into[56..], request.DownloadedBytes);
        BinaryPrimitives.WriteInt64BigEndian(into[64..], request.LeftBytes);
        BinaryPrimitives.WriteInt64BigEndian(into[72..], request.UploadedBytes);
        BinaryPrimitives.WriteInt32BigEndian(into[80..], (int)request.Event);
        BinaryPrimitives.WriteUInt32BigEndian(into[84..], 0);
        BinaryPrimitives.WriteUInt32BigEndian(into[88..], request.Key);
        BinaryPrimitives.WriteInt32BigEndian(into[92..], request.Wanted);
        BinaryPrimitives.WriteUInt16BigEndian(into[96..], request.Port);
        return AnnounceBytes + WriteUrlData(into[AnnounceBytes..], urlData);
    }

    /// <param name="into">At least 16 bytes, and 20 per hash.</param>
    /// <param name="swarms">1 to <see cref="TrackerProtocolLimits.MaxUdpScrapeHashes"/>.</param>
    public static int WriteScrape(Span<byte> into, ulong connection, uint transaction, ReadOnlySpan<Hash20> swarms)
    {
        Invariant.Holds(swarms.Length is > 0 and <= TrackerProtocolLimits.MaxUdpScrapeHashes);
        WriteHeader(into, connection, UdpAction.Scrape, transaction);
        for (var i = 0; i < swarms.Length; i++)
        {
            swarms[i].CopyTo(into[(ScrapeHeaderBytes + (i * Hash20.Length))..]);
        }
        return ScrapeHeaderBytes + (swarms.Length * Hash20.Length);
    }

    /// <summary>
    /// Reads the type of a response and the transaction it belongs to. The caller compares the transaction with its
    /// own, then calls the method for the action.
    /// </summary>
    public static bool TryReadHeader(
        ReadOnlySpan<byte> datagram,
        out UdpAction action,
        out uint transaction,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        (action, transaction, fault) = (default, 0, null);
        if (datagram.Length < ResponseHeaderBytes)
        {
            fault = new Fault("the response is shorter than its header", datagram.Length);
            return false;
        }
        var number = BinaryPrimitives.ReadUInt32BigEndian(datagram);
        if (number > (uint)UdpAction.Error)
        {
            fault = new Fault($"the response has the action {number}, which BEP 15 does not define", 0);
            return false;
        }
        action = (UdpAction)number;
        transaction = BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]);
        return true;
    }

    public static bool TryReadConnect(
        ReadOnlySpan<byte> datagram,
        out ulong connection,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        connection = 0;
        fault = datagram.Length < 16 ? new Fault("the connect response has no connection id", datagram.Length) : null;
        if (fault is not null)
        {
            return false;
        }
        connection = BinaryPrimitives.ReadUInt64BigEndian(datagram[8..]);
        return true;
    }

    /// <param name="v6">Whether the request went over IPv6; peers then have 18 bytes each instead of 6.</param>
    public static bool TryReadAnnounce(
        ReadOnlySpan<byte> datagram,
        bool v6,
        [NotNullWhen(true)] out AnnounceResponse? reply,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        reply = null;
        fault =
            datagram.Length < AnnounceHeaderBytes
                ? new Fault("the announce response ends before its peers", datagram.Length)
                : null;
        if (fault is not null)
        {
            return false;
        }
        var peers = new List<Endpoint>();
        CompactPeers.AddTo(peers, datagram[AnnounceHeaderBytes..], v6 ? 18 : 6);
        var seconds = BinaryPrimitives.ReadInt32BigEndian(datagram[8..]);
        reply = new AnnounceResponse
        {
            Interval =
                seconds > 0 ? TimeSpan.FromSeconds(Math.Min(seconds, TrackerProtocolLimits.MaxIntervalSeconds)) : null,
            Incomplete = Math.Max(0, BinaryPrimitives.ReadInt32BigEndian(datagram[12..])),
            Complete = Math.Max(0, BinaryPrimitives.ReadInt32BigEndian(datagram[16..])),
            Peers = peers,
        };
        return true;
    }

    /// <summary>Reads one entry per hash of the request, in its order.</summary>
    /// <param name="asked">Number of hashes in the request.</param>
    public static bool TryReadScrape(
        ReadOnlySpan<byte> datagram,
        int asked,
        [NotNullWhen(true)] out IReadOnlyList<ScrapeCounts>? counts,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        counts = null;
        fault =
            datagram.Length < ResponseHeaderBytes + (asked * ScrapeBytesEach)
                ? new Fault($"the scrape response ends before the last of {asked} torrents", datagram.Length)
                : null;
        if (fault is not null)
        {
            return false;
        }
        var read = new ScrapeCounts[asked];
        for (var i = 0; i < asked; i++)
        {
            var entry = datagram[(ResponseHeaderBytes + (i * ScrapeBytesEach))..];
            read[i] = new ScrapeCounts(
                Complete: Math.Max(0, BinaryPrimitives.ReadInt32BigEndian(entry)),
                Downloaded: Math.Max(0, BinaryPrimitives.ReadInt32BigEndian(entry[4..])),
                Incomplete: Math.Max(0, BinaryPrimitives.ReadInt32BigEndian(entry[8..]))
            );
        }
        counts = read;
        return true;
    }

    /// <summary>The text of an error packet, cut at <see cref="TrackerProtocolLimits.MaxTextBytes"/>.</summary>
    public static string ReadError(ReadOnlySpan<byte> datagram)
    {
        var text = datagram.Length > ResponseHeaderBytes ? datagram[ResponseHeaderBytes..].TrimEnd((byte)0) : [];
        return Encoding.UTF8.GetString(text[..Math.Min(text.Length, TrackerProtocolLimits.MaxTextBytes)]);
    }

    private static void WriteHeader(Span<byte> into, ulong connection, UdpAction action, uint transaction)
    {
        BinaryPrimitives.WriteUInt64BigEndian(into, connection);
        BinaryPrimitives.WriteInt32BigEndian(into[8..], (int)action);
        BinaryPrimitives.WriteUInt32BigEndian(into[12..], transaction);
    }

    private static int WriteUrlData(Span<byte> into, string urlData)
    {
        if (urlData.Length == 0)
        {
            return 0;
        }
        var bytes = Encoding.UTF8.GetBytes(urlData).AsSpan();
        bytes = bytes[..Math.Min(bytes.Length, TrackerProtocolLimits.MaxUrlDataBytes)];
        var at = 0;
        while (!bytes.IsEmpty)
        {
            var part = bytes[..Math.Min(bytes.Length, byte.MaxValue)];
            into[at] = UrlData;
            into[at + 1] = (byte)part.Length;
            part.CopyTo(into[(at + 2)..]);
            at += 2 + part.Length;
            bytes = bytes[part.Length..];
        }
        into[at] = EndOfOptions;
        return at + 1;
    }
}
