using System.Buffers.Binary;
using System.Security.Cryptography;
using Anatomic.Federation.Signing;
using Anatomic.Wire;
using Anatomic.Wire.Bencoding;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Cli.Tests.Crashes;

/// <summary>Creates signed orders of one planter for one node, each for another torrent.</summary>
internal sealed class OrderFactory(IWorld world, NetworkName network)
{
    private const int NoncesPerSearch = 1 << 16;
    private readonly ItemSigner signer = new(world.Signatures.Open(world.Signatures.CreateKey()), network);
    private readonly Lock signing = new();
    private int count;

    public ItemReader Reader { get; } = new(world.Signatures, network);

    /// <summary>Creates the next order with the proof of work that the network requires. Thread-safe.</summary>
    public Signed<PlantOrder> Next(NodeId node)
    {
        var plain = new PlantOrder
        {
            Swarms = [SwarmOf(Interlocked.Increment(ref count))],
            Candidates = [node],
            Want = 1,
            At = world.Clock.GetUtcNow().ToUnixTimeMilliseconds(),
        };
        BencodeValue.TryParse(plain.Write(), BencodeMode.Strict, out var value, out _).ShouldBeTrue();
        var prefix = Work.Prefix(network, signer.PublicKey.Span, value!);
        ulong? nonce = null;
        for (ulong from = 0; nonce is null; from += NoncesPerSearch)
        {
            nonce = Work.Search(prefix, network.WorkFloor, from, NoncesPerSearch);
        }
        lock (signing)
        {
            return signer.Sign(plain with { Nonce = nonce.Value });
        }
    }

    private static Hash20 SwarmOf(int number)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return new Hash20(SHA1.HashData(bytes));
    }
}
