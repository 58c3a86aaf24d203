using Anatomic.Wire;
using Anatomic.Wire.Trackers;

namespace Anatomic.Fuzz.Targets;

/// <summary>
/// Packets of a UDP tracker (BEP 15), after a byte whose lowest bit is the address family and whose rest is the number
/// of scraped torrents. They stay within the limits and round-trip through our tracker's writer.
/// </summary>
internal sealed class UdpReplyTarget : IFuzzTarget
{
    public string Name => "udp-reply";

    public IReadOnlyList<byte[]> Tokens { get; } =
    [
        [0, 0, 0, 1],
        [0, 0, 0, 2],
        [0, 0, 0, 3],
        [0xff, 0xff, 0xff, 0xff],
        [0x80, 0, 0, 0],
        [1, 2, 3, 4, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 1, 2, 3, 4, 0x1a, 0xe1],
    ];

    public void Run(byte[] input)
    {
        if (input.Length == 0)
        {
            return;
        }
        var v6 = (input[0] & 1) != 0;
        var asked = Math.Min(input[0] >> 1, TrackerProtocolLimits.MaxUdpScrapeHashes);
        var datagram = input.AsSpan(1);
        var fine = UdpClientCodec.TryReadHeader(datagram, out _, out var transaction, out var fault);
        Invariant.Holds(fine == fault is null);
        fine = UdpClientCodec.TryReadConnect(datagram, out _, out fault);
        Invariant.Holds(fine == fault is null);
        Invariant.Holds(UdpClientCodec.ReadError(datagram).Length <= TrackerProtocolLimits.MaxTextBytes);
        fine = UdpClientCodec.TryReadAnnounce(datagram, v6, out var announce, out fault);
        Invariant.Holds(fine == fault is null);
        if (announce is not null)
        {
            Announce(announce, transaction, v6);
        }
        fine = UdpClientCodec.TryReadScrape(datagram, asked, out var counts, out fault);
        Invariant.Holds(fine == fault is null);
        if (counts is not null)
        {
            Scrape(counts, asked, transaction);
        }
    }

    private static void Announce(AnnounceResponse reply, uint transaction, bool v6)
    {
        Invariant.Holds(
            reply.Peers.Count <= TrackerProtocolLimits.MaxPeersRead && reply.Peers.All(peer => peer.Port != 0)
        );
        Invariant.Holds(reply.Interval is not { } interval || interval > TimeSpan.Zero);
        // An IPv4 peer in an IPv6 response is written in the short form, which only fits into an IPv4 response.
        if (reply.Peers.Any(peer => peer.IsV4 == v6))
        {
            return;
        }
        var size = v6 ? 18 : 6;
        var written = new byte[UdpServerCodec.AnnounceHeaderBytes + (reply.Peers.Count * size)];
        var seconds = (int)(reply.Interval?.TotalSeconds ?? 0);
        var at = UdpServerCodec.WriteAnnounceHeader(
            written,
            transaction,
            seconds,
            reply.Incomplete!.Value,
            reply.Complete!.Value
        );
        foreach (var peer in reply.Peers)
        {
            at += peer.WriteCompact(written.AsSpan(at));
        }
        Invariant.Holds(UdpClientCodec.TryReadAnnounce(written, v6, out var again, out _));
        Invariant.Holds(again.Peers.SequenceEqual(reply.Peers));
        Invariant.Holds(again with { Peers = [] } == reply with { Peers = [] });
    }

    private static void Scrape(IReadOnlyList<ScrapeCounts> counts, int asked, uint transaction)
    {
        Invariant.Holds(counts.Count == asked);
        var written = new byte[UdpServerCodec.ScrapeHeaderBytes + (asked * UdpServerCodec.ScrapeBytesEach)];
        var at = UdpServerCodec.WriteScrapeHeader(written, transaction);
        foreach (var file in counts)
        {
            at += UdpServerCodec.WriteScrapeFile(written.AsSpan(at), file);
        }
        Invariant.Holds(
            UdpClientCodec.TryReadScrape(written, asked, out var again, out _) && again.SequenceEqual(counts)
        );
    }
}
