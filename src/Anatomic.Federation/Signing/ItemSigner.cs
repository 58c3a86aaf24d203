using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Signing;

/// <summary>Signs items of one network with one key.</summary>
public sealed class ItemSigner(ISigner signer, NetworkName network)
{
    private long highest;

    public NodeId Id { get; } = NodeId.Of(signer.PublicKey.Span);

    public NetworkName Network { get; } = network;

    public ReadOnlyMemory<byte> PublicKey => signer.PublicKey;

    public Signed<T> Sign<T>(T item)
        where T : class, INetworkItem<T>
    {
        var value = item.Write();
        var signature = signer.Sign(SignedItem.TextToSign(Network, T.ItemType, value));
        var envelope = SignedItem.Assemble(signer.PublicKey.Span, signature, value);
        Invariant.Holds(Signed.TryReadUnverified<T>(envelope, Network, out var signed, out _));
        return signed;
    }

    /// <summary>
    /// This writer's next sequence number: the time in Unix milliseconds, but always above all earlier numbers.
    /// </summary>
    public long NextSequence(DateTimeOffset now)
    {
        highest = Math.Max(now.ToUnixTimeMilliseconds(), highest + 1);
        return highest;
    }

    /// <summary>
    /// Notes a number that this writer used before, as its store or the network shows. The next one will be higher.
    /// </summary>
    public void Observe(long number) => highest = Math.Max(highest, number);
}
