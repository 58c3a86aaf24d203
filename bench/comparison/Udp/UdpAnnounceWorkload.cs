using System.Buffers.Binary;
using Anatomic.Comparison.Load;
using Anatomic.Wire.Trackers;
using Anatomic.World;

namespace Anatomic.Comparison.Udp;

/// <summary>Announces random peers of a population again and again; to a tracker they renew themselves.</summary>
/// <param name="population">The peers that announce.</param>
/// <param name="seed">Determines their order.</param>
/// <param name="verify">Checks every peer of every reply, which costs the generator a little.</param>
internal sealed class UdpAnnounceWorkload(Population population, ulong seed, bool verify) : IUdpWorkload
{
    /// <summary>numwant: what most clients ask for.</summary>
    public const int NumWant = 50;

    private SplitMix64 random = new(seed);

    public WrittenRequest Write(Span<byte> buffer, ReadOnlySpan<ulong> connections, uint transaction)
    {
        var peer = random.Next(population.Peers);
        return Write(buffer, connections, transaction, population, peer, NumWant);
    }

    public bool IsValid(ReadOnlySpan<byte> reply, int tag) => IsValid(reply, population, tag, verify);

    public static WrittenRequest Write(
        Span<byte> buffer,
        ReadOnlySpan<ulong> connections,
        uint transaction,
        Population population,
        int peer,
        int numWant
    )
    {
        var source = population.SourceOf(peer);
        var request = buffer[..UdpClientCodec.AnnounceBytes];
        request.Clear();
        BinaryPrimitives.WriteUInt64BigEndian(request, connections[source]);
        BinaryPrimitives.WriteInt32BigEndian(request[8..], (int)UdpAction.Announce);
        BinaryPrimitives.WriteUInt32BigEndian(request[12..], transaction);
        population.HashOf(population.TorrentOf(peer)).CopyTo(request[16..]);
        "-AN0001-"u8.CopyTo(request[36..]);
        BinaryPrimitives.WriteInt32BigEndian(request[44..], peer);
        BinaryPrimitives.WriteInt64BigEndian(request[64..], Population.IsSeed(peer) ? 0 : 1);
        BinaryPrimitives.WriteInt32BigEndian(request[88..], peer);
        BinaryPrimitives.WriteInt32BigEndian(request[92..], numWant);
        BinaryPrimitives.WriteUInt16BigEndian(request[96..], population.PortOf(peer));
        return new WrittenRequest(UdpClientCodec.AnnounceBytes, source, peer);
    }

    public static bool IsValid(ReadOnlySpan<byte> reply, Population population, int peer, bool verify)
    {
        var bytesEach = population.Sources == 1 ? 18 : 6;
        var peers = reply.Length - UdpServerCodec.AnnounceHeaderBytes;
        if (
            peers < 0
            || peers % bytesEach != 0
            || BinaryPrimitives.ReadInt32BigEndian(reply) != (int)UdpAction.Announce
        )
        {
            return false;
        }
        var torrent = population.TorrentOf(peer);
        for (var at = UdpServerCodec.AnnounceHeaderBytes; verify && at < reply.Length; at += bytesEach)
        {
            if (!population.IsIn(reply.Slice(at, bytesEach), torrent))
            {
                return false;
            }
        }
        return true;
    }
}
