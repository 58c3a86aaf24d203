using System.Buffers.Binary;
using Anatomic.Comparison.Load;
using Anatomic.Comparison.Udp;
using Anatomic.Wire.Trackers;
using Anatomic.World;

namespace Anatomic.Comparison.Flood;

/// <summary>
/// Hostile datagrams of four kinds in turn: random bytes, requests with an unknown connection id, truncated announces,
/// and announces and scrapes with a valid connection id and unusual fields.
/// </summary>
/// <remarks>
/// The last kind uses the torrents and ports of the population: an open tracker stores what it accepts, which would
/// look like a leak.
/// </remarks>
/// <param name="population">The torrents and ports.</param>
/// <param name="connections">A valid connection id for each source.</param>
internal sealed class HostileDatagrams(Population population, ulong[] connections)
{
    private const int ConnectionBytes = 8;
    private SplitMix64 random = new(seed: 4711);
    private int turn;

    /// <summary>Writes the next datagram.</summary>
    public WrittenRequest Write(Span<byte> buffer)
    {
        var peer = random.Next(population.Peers);
        var source = population.SourceOf(peer);
        var whole = UdpAnnounceWorkload.Write(
            buffer,
            connections,
            random.NextUInt32(),
            population,
            peer,
            UdpAnnounceWorkload.NumWant
        );
        var length = (turn++ & 3) switch
        {
            0 => RandomBytes(buffer),
            1 => UnknownConnection(buffer, whole.Length),
            2 => random.Next(whole.Length),
            _ => UnusualFields(buffer, whole.Length),
        };
        return new WrittenRequest(Math.Max(1, length), source, peer);
    }

    private int RandomBytes(Span<byte> buffer)
    {
        var length = 1 + random.Next(200);
        random.Fill(buffer[..length]);
        return length;
    }

    private int UnknownConnection(Span<byte> buffer, int length)
    {
        random.Fill(buffer[..ConnectionBytes]);
        BinaryPrimitives.WriteInt32BigEndian(buffer[8..], 1 + random.Next(2));
        return length;
    }

    private int UnusualFields(Span<byte> buffer, int length)
    {
        switch (random.Next(4))
        {
            case 0:
                // Downloaded, left, uploaded, event, address and key, at 56 to 91 of BEP 15's announce.
                random.Fill(buffer[56..92]);
                return length;
            case 1:
                BinaryPrimitives.WriteInt32BigEndian(buffer[92..], (int)random.NextUInt32());
                return length;
            case 2:
                // BEP 41 options, valid and invalid ones.
                var tail = 1 + random.Next(200);
                random.Fill(buffer.Slice(length, tail));
                return length + tail;
            default:
                BinaryPrimitives.WriteInt32BigEndian(buffer[8..], (int)UdpAction.Scrape);
                var hashes = random.Next(MaxScrapeBytes - 16);
                random.Fill(buffer.Slice(16, hashes));
                return 16 + hashes;
        }
    }

    // What an Ethernet packet holds.
    private const int MaxScrapeBytes = 1400;
}
