using System.Diagnostics.CodeAnalysis;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Signing;

/// <summary>Reads signed items of one network and checks them: form, then time, then signature.</summary>
public sealed class ItemReader(ISignatures signatures, NetworkName network)
{
    public NetworkName Network { get; } = network;

    public bool TryRead<T>(
        ReadOnlyMemory<byte> raw,
        DateTimeOffset now,
        [NotNullWhen(true)] out Signed<T>? signed,
        [NotNullWhen(false)] out Fault? fault
    )
        where T : class, INetworkItem<T>
    {
        signed = null;
        return SignedItem.TryRead(raw, T.MaxBytes, out var envelope, out fault)
            && TryRead(envelope, now, out signed, out fault);
    }

    public bool TryRead<T>(
        SignedItem envelope,
        DateTimeOffset now,
        [NotNullWhen(true)] out Signed<T>? signed,
        [NotNullWhen(false)] out Fault? fault
    )
        where T : class, INetworkItem<T>
    {
        if (!Signed.TryReadUnverified<T>(envelope, Network, out signed, out fault))
        {
            return false;
        }
        fault = SkewOf(signed.Item.At, now) ?? SignatureFault(signed);
        signed = fault is null ? signed : null;
        return fault is null;
    }

    /// <summary>The costly part alone, for those who have reasons to check other things first.</summary>
    public bool Verify<T>(Signed<T> signed)
        where T : class, INetworkItem<T>
    {
        var text = SignedItem.TextToSign(Network, T.ItemType, signed.Envelope.Value.Raw.Span);
        return signatures.Verify(signed.Envelope.PublicKey.Span, text, signed.Envelope.Signature.Span);
    }

    /// <summary>A fault when a time (Unix milliseconds) is more than 5 minutes ahead; it names the skew.</summary>
    public static Fault? SkewOf(long at, DateTimeOffset now)
    {
        var aheadMs = (Int128)at - now.ToUnixTimeMilliseconds();
        return aheadMs > (Int128)NetworkLimits.MaxSkew.TotalMilliseconds
            ? new Fault($"its time is {aheadMs / 1000} seconds ahead of this machine's clock; set the clocks right")
            : null;
    }

    private Fault? SignatureFault<T>(Signed<T> signed)
        where T : class, INetworkItem<T> =>
        Verify(signed)
            ? null
            : new Fault($"the signature is not that of the key over this {T.ItemType} in the network '{Network}'");
}
