using System.Diagnostics.CodeAnalysis;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Signing;

/// <summary>Reads signed items of one network and verifies them: form, then time, then signature.</summary>
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
        fault = Check(signed, now);
        signed = fault is null ? signed : null;
        return fault is null;
    }

    /// <summary>Checks the time and the signature of a parsed item; null when both are valid.</summary>
    public Fault? Check<T>(Signed<T> signed, DateTimeOffset now)
        where T : class, INetworkItem<T> =>
        CheckSkew(signed.Item.At, now)
        ?? (
            Verify(signed)
                ? null
                : new Fault($"the signature of this {T.ItemType} is not valid for its key in the network '{Network}'")
        );

    /// <summary>
    /// Verifies the signature alone. It is the expensive check, so callers may run cheaper ones first.
    /// </summary>
    public bool Verify<T>(Signed<T> signed)
        where T : class, INetworkItem<T>
    {
        var text = SignedItem.TextToSign(Network, T.ItemType, signed.Envelope.Value.Raw.Span);
        return signatures.Verify(signed.Envelope.PublicKey.Span, text, signed.Envelope.Signature.Span);
    }

    /// <summary>
    /// A fault that names the skew when a time is more than 5 minutes ahead of the local clock; else null.
    /// </summary>
    /// <param name="at">Unix milliseconds.</param>
    public static Fault? CheckSkew(long at, DateTimeOffset now)
    {
        var aheadMs = (Int128)at - now.ToUnixTimeMilliseconds();
        return aheadMs > (Int128)NetworkLimits.MaxSkew.TotalMilliseconds
            ? new Fault($"its time is {aheadMs / 1000} seconds ahead of this machine's clock; check both clocks")
            : null;
    }
}
