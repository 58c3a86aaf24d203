using System.Buffers.Binary;
using System.Text;

namespace Anatomic.Wire.Trackers;

/// <summary>The packets that a client sends to a UDP tracker (BEP 15, 41). Each method returns the packet's length.</summary>
public static partial class UdpClientCodec
{
    public const int ConnectBytes = 16;
    public const int AnnounceBytes = 98;
    public const int ScrapeHeaderBytes = 16;

    /// <summary>What stands in a connect instead of a connection id (BEP 15).</summary>
    public const ulong ProtocolId = 0x41727101980;

    internal const byte EndOfOptions = 0;
    internal const byte NoOption = 1;
    internal const byte UrlData = 2;

    public static int WriteConnect(Span<byte> into, uint transaction)
    {
        WriteHeader(into, ProtocolId, UdpAction.Connect, transaction);
        return ConnectBytes;
    }

    /// <param name="into">At least <see cref="TrackerProtocolLimits.MaxUdpRequestBytes"/>.</param>
    /// <param name="urlData">
    /// Path and query of the tracker's URL (BEP 41), which some trackers take a passkey from; empty: none. What is beyond
    /// <see cref="TrackerProtocolLimits.MaxUrlDataBytes"/> is cut off.
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

    /// <param name="into">At least 16 + 20 bytes a hash.</param>
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
