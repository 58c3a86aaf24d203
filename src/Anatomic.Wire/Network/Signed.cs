using System.Diagnostics.CodeAnalysis;
using Anatomic.Wire.Identity;

namespace Anatomic.Wire.Network;

/// <summary>An item with its envelope. Whether its signature was verified depends on the reader.</summary>
/// <param name="Item">The content.</param>
/// <param name="Envelope">The signed bytes.</param>
/// <param name="Digest">Identifies the item in this network.</param>
/// <param name="Signer">The id of the signing key.</param>
public sealed record Signed<T>(T Item, SignedItem Envelope, Hash32 Digest, NodeId Signer)
    where T : class, INetworkItem<T>
{
    public ReadOnlyMemory<byte> Raw => Envelope.Raw;
}

public static class Signed
{
    /// <summary>
    /// Reads an item without verifying its signature, for items verified elsewhere or before they were stored.
    /// </summary>
    public static bool TryReadUnverified<T>(
        ReadOnlyMemory<byte> raw,
        NetworkName network,
        [NotNullWhen(true)] out Signed<T>? signed,
        [NotNullWhen(false)] out Fault? fault
    )
        where T : class, INetworkItem<T>
    {
        signed = null;
        return SignedItem.TryRead(raw, T.MaxBytes, out var envelope, out fault)
            && TryReadUnverified(envelope, network, out signed, out fault);
    }

    public static bool TryReadUnverified<T>(
        SignedItem envelope,
        NetworkName network,
        [NotNullWhen(true)] out Signed<T>? signed,
        [NotNullWhen(false)] out Fault? fault
    )
        where T : class, INetworkItem<T>
    {
        signed = null;
        if (!T.TryRead(envelope.Value, out var item, out fault))
        {
            return false;
        }
        var text = SignedItem.TextToSign(network, T.ItemType, envelope.Value.Raw.Span);
        signed = new Signed<T>(item, envelope, SignedItem.DigestOf(text, envelope.PublicKey.Span), envelope.Signer);
        return true;
    }
}
