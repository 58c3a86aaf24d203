using System.Buffers.Binary;
using Anatomic.Comparison.Load;
using Anatomic.Comparison.Udp;
using Anatomic.Wire.Trackers;

namespace Anatomic.Comparison.Flood;

/// <summary>
/// Datagrams that nobody should send, four kinds in turn: random bytes, requests with a connection id that was never given,
/// announces that are cut off, and announces and scrapes with a good id and odd fields. The torrents and ports of the last kind are
/// those of the population: a tracker that is open keeps what it is told, and that is no leak.
/// </summary>
/// <param name="population">Whose torrents and ports.</param>
/// <param name="connections">Good connection ids, one for each source.</param>
internal sealed class HostileDatagrams(Population population, ulong[] connections)
{
    private const int ConnectionBytes = 8;
    private readonly Dice dice = new(seed: 4711);
    private int turn;

    /// <summary>Writes one and returns its length and the source that it comes from.</summary>
    public UdpAsked Write(Span<byte> into)
    {
        var peer = dice.Next(population.Peers);
        var source = population.SourceOf(peer);
        var whole = UdpAnnounces.Write(into, connections, (uint)dice.Next(), population, peer, UdpAnnounces.Wanted);
        var length = (turn++ & 3) switch
        {
            0 => RandomBytes(into),
            1 => UnknownConnection(into, whole.Length),
            2 => dice.Next(whole.Length),
            _ => OddFields(into, whole.Length),
        };
        return new UdpAsked(Math.Max(1, length), source, peer);
    }

    private int RandomBytes(Span<byte> into)
    {
        var length = 1 + dice.Next(200);
        dice.Fill(into[..length]);
        return length;
    }

    private int UnknownConnection(Span<byte> into, int length)
    {
        dice.Fill(into[..ConnectionBytes]);
        BinaryPrimitives.WriteInt32BigEndian(into[8..], 1 + dice.Next(2));
        return length;
    }

    private int OddFields(Span<byte> into, int length)
    {
        switch (dice.Next(4))
        {
            case 0:
                // Downloaded, left, uploaded, event, address and key, at 56 to 91 of BEP 15's announce.
                dice.Fill(into[56..92]);
                return length;
            case 1:
                BinaryPrimitives.WriteInt32BigEndian(into[92..], (int)dice.Next());
                return length;
            case 2:
                // Options as BEP 41 has them, and then not as it has them.
                var tail = 1 + dice.Next(200);
                dice.Fill(into.Slice(length, tail));
                return length + tail;
            default:
                BinaryPrimitives.WriteInt32BigEndian(into[8..], (int)UdpAction.Scrape);
                var hashes = dice.Next(MaxScrapeBytes - 16);
                dice.Fill(into.Slice(16, hashes));
                return 16 + hashes;
        }
    }

    // As much as an Ethernet packet holds.
    private const int MaxScrapeBytes = 1400;
}
