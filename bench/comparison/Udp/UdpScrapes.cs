using System.Buffers.Binary;
using Anatomic.Comparison.Load;
using Anatomic.Wire.Trackers;

namespace Anatomic.Comparison.Udp;

/// <summary>Scrapes of torrents that follow each other, from one drawn at random.</summary>
/// <param name="population">Whose torrents.</param>
/// <param name="hashes">How many in a request, 1 to 74.</param>
/// <param name="seed">Of the order.</param>
/// <param name="verify">Compares the figures with the population, which must have been filled.</param>
internal sealed class UdpScrapes(Population population, int hashes, ulong seed, bool verify) : IUdpWork
{
    private readonly Dice dice = new(seed);

    public UdpAsked Write(Span<byte> into, ReadOnlySpan<ulong> connections, uint transaction)
    {
        var first = dice.Next(population.Torrents);
        var source = dice.Next(population.Sources);
        BinaryPrimitives.WriteUInt64BigEndian(into, connections[source]);
        BinaryPrimitives.WriteInt32BigEndian(into[8..], (int)UdpAction.Scrape);
        BinaryPrimitives.WriteUInt32BigEndian(into[12..], transaction);
        for (var i = 0; i < hashes; i++)
        {
            population.HashOf((first + i) % population.Torrents).CopyTo(into[(16 + (20 * i))..]);
        }
        return new UdpAsked(16 + (20 * hashes), source, first);
    }

    public bool IsGood(ReadOnlySpan<byte> reply, int subject)
    {
        if (
            reply.Length != UdpServerCodec.ScrapeHeaderBytes + (UdpServerCodec.ScrapeBytesEach * hashes)
            || BinaryPrimitives.ReadInt32BigEndian(reply) != (int)UdpAction.Scrape
        )
        {
            return false;
        }
        for (var i = 0; verify && i < hashes; i++)
        {
            var entry = reply[(UdpServerCodec.ScrapeHeaderBytes + (i * UdpServerCodec.ScrapeBytesEach))..];
            var peers = BinaryPrimitives.ReadInt32BigEndian(entry) + BinaryPrimitives.ReadInt32BigEndian(entry[8..]);
            if (peers != population.CountOf((subject + i) % population.Torrents))
            {
                return false;
            }
        }
        return true;
    }
}
