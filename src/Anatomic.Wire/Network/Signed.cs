using System.Diagnostics.CodeAnalysis;
using Anatomic.Wire.Identity;

namespace Anatomic.Wire.Network;

/// <summary>An item with its envelope. Whether the signature was checked is the reader's matter.</summary>
/// <param name="Item">What it says.</param>
/// <param name="Envelope">The bytes that say it.</param>
/// <param name="Digest">Its name in this network.</param>
/// <param name="Signer">Who says it.</param>
public sealed record Signed<T>(T Item, SignedItem Envelope, Hash32 Digest, NodeId Signer)
    where T : class, INetworkItem<T>
{
    public ReadOnlyMemory<byte> Raw => Envelope.Raw;
}

public static class Signed
{
    /// <summary>Reads without checking the signature: for what is checked elsewhere, or was before it was stored.</summary>
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
