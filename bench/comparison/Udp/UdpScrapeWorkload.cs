using System.Buffers.Binary;
using Anatomic.Comparison.Load;
using Anatomic.Wire.Trackers;
using Anatomic.World;

namespace Anatomic.Comparison.Udp;

/// <summary>Scrapes consecutive torrents, starting at a random one.</summary>
/// <param name="population">The torrents.</param>
/// <param name="hashes">Info-hashes per request, 1 to 74.</param>
/// <param name="seed">Determines the order.</param>
/// <param name="verify">Compares the counts with the population, which the tracker must hold.</param>
internal sealed class UdpScrapeWorkload(Population population, int hashes, ulong seed, bool verify) : IUdpWorkload
{
    private SplitMix64 random = new(seed);

    public WrittenRequest Write(Span<byte> buffer, ReadOnlySpan<ulong> connections, uint transaction)
    {
        var first = random.Next(population.Torrents);
        var source = random.Next(population.Sources);
        BinaryPrimitives.WriteUInt64BigEndian(buffer, connections[source]);
        BinaryPrimitives.WriteInt32BigEndian(buffer[8..], (int)UdpAction.Scrape);
        BinaryPrimitives.WriteUInt32BigEndian(buffer[12..], transaction);
        for (var i = 0; i < hashes; i++)
        {
            population.HashOf((first + i) % population.Torrents).CopyTo(buffer[(16 + (20 * i))..]);
        }
        return new WrittenRequest(16 + (20 * hashes), source, first);
    }

    public bool IsValid(ReadOnlySpan<byte> reply, int tag)
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
            if (peers != population.CountOf((tag + i) % population.Torrents))
            {
                return false;
            }
        }
        return true;
    }
}
