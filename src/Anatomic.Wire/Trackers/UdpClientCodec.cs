using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Anatomic.Wire.Trackers;

/// <summary>Reads the packets that a UDP tracker sends (BEP 15).</summary>
public static partial class UdpClientCodec
{
    private const int HeaderBytes = 8;
    private const int AnnounceHeaderBytes = 20;
    private const int ScrapeBytesEach = 12;

    /// <summary>
    /// What kind of reply it is and which request it answers. The caller compares the transaction with its own, then reads on
    /// with the method for the action.
    /// </summary>
    public static bool TryReadHeader(
        ReadOnlySpan<byte> datagram,
        out UdpAction action,
        out uint transaction,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        (action, transaction, fault) = (default, 0, null);
        if (datagram.Length < HeaderBytes)
        {
            fault = new Fault("the reply is shorter than its header", datagram.Length);
            return false;
        }
        var number = BinaryPrimitives.ReadUInt32BigEndian(datagram);
        if (number > (uint)UdpAction.Error)
        {
            fault = new Fault($"the reply's action is {number}, which BEP 15 does not know", 0);
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
        fault = datagram.Length < 16 ? new Fault("the connect reply has no connection id", datagram.Length) : null;
        if (fault is not null)
        {
            return false;
        }
        connection = BinaryPrimitives.ReadUInt64BigEndian(datagram[8..]);
        return true;
    }

    /// <param name="v6">Whether the tracker was asked over IPv6: its peers then have 18 bytes each instead of 6.</param>
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
                ? new Fault("the announce reply ends before its peers", datagram.Length)
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

    /// <summary>One entry for each hash of the request, in its order.</summary>
    /// <param name="asked">How many hashes were asked.</param>
    public static bool TryReadScrape(
        ReadOnlySpan<byte> datagram,
        int asked,
        [NotNullWhen(true)] out IReadOnlyList<ScrapeCounts>? counts,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        counts = null;
        fault =
            datagram.Length < HeaderBytes + (asked * ScrapeBytesEach)
                ? new Fault($"the scrape reply ends before the last of {asked} torrents", datagram.Length)
                : null;
        if (fault is not null)
        {
            return false;
        }
        var read = new ScrapeCounts[asked];
        for (var i = 0; i < asked; i++)
        {
            var entry = datagram[(HeaderBytes + (i * ScrapeBytesEach))..];
            read[i] = new ScrapeCounts(
                Complete: Math.Max(0, BinaryPrimitives.ReadInt32BigEndian(entry)),
                Downloaded: Math.Max(0, BinaryPrimitives.ReadInt32BigEndian(entry[4..])),
                Incomplete: Math.Max(0, BinaryPrimitives.ReadInt32BigEndian(entry[8..]))
            );
        }
        counts = read;
        return true;
    }

    /// <summary>The tracker's words of an error packet, cut at <see cref="TrackerProtocolLimits.MaxTextBytes"/>.</summary>
    public static string ReadError(ReadOnlySpan<byte> datagram)
    {
        var text = datagram.Length > HeaderBytes ? datagram[HeaderBytes..].TrimEnd((byte)0) : [];
        return Encoding.UTF8.GetString(text[..Math.Min(text.Length, TrackerProtocolLimits.MaxTextBytes)]);
    }
}
