using System.Buffers.Binary;
using Anatomic.Comparison.Load;
using Anatomic.Wire.Trackers;

namespace Anatomic.Comparison.Udp;

/// <summary>Announces of peers drawn from a population, again and again: as a tracker sees it, peers that renew themselves.</summary>
/// <param name="population">Who announces.</param>
/// <param name="seed">Of the order of announces.</param>
/// <param name="verify">Looks every peer of every reply up; costs the generator a little.</param>
internal sealed class UdpAnnounces(Population population, ulong seed, bool verify) : IUdpWork
{
    /// <summary>What most clients ask for.</summary>
    public const int Wanted = 50;

    private readonly Dice dice = new(seed);

    public UdpAsked Write(Span<byte> into, ReadOnlySpan<ulong> connections, uint transaction)
    {
        var peer = dice.Next(population.Peers);
        return Write(into, connections, transaction, population, peer, Wanted);
    }

    public bool IsGood(ReadOnlySpan<byte> reply, int subject) => IsGood(reply, population, subject, verify);

    public static UdpAsked Write(
        Span<byte> into,
        ReadOnlySpan<ulong> connections,
        uint transaction,
        Population population,
        int peer,
        int wanted
    )
    {
        var source = population.SourceOf(peer);
        var request = into[..UdpClientCodec.AnnounceBytes];
        request.Clear();
        BinaryPrimitives.WriteUInt64BigEndian(request, connections[source]);
        BinaryPrimitives.WriteInt32BigEndian(request[8..], (int)UdpAction.Announce);
        BinaryPrimitives.WriteUInt32BigEndian(request[12..], transaction);
        population.HashOf(population.TorrentOf(peer)).CopyTo(request[16..]);
        "-AN0001-"u8.CopyTo(request[36..]);
        BinaryPrimitives.WriteInt32BigEndian(request[44..], peer);
        BinaryPrimitives.WriteInt64BigEndian(request[64..], population.IsSeed(peer) ? 0 : 1);
        BinaryPrimitives.WriteInt32BigEndian(request[88..], peer);
        BinaryPrimitives.WriteInt32BigEndian(request[92..], wanted);
        BinaryPrimitives.WriteUInt16BigEndian(request[96..], population.PortOf(peer));
        return new UdpAsked(UdpClientCodec.AnnounceBytes, source, peer);
    }

    public static bool IsGood(ReadOnlySpan<byte> reply, Population population, int peer, bool verify)
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
