using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace Anatomic.Wire.Peers;

/// <summary>The range of a hash request, a hashes message or a hash reject (BEP 52).</summary>
/// <param name="Root">The file's Merkle root (<c>pieces root</c>).</param>
/// <param name="BaseLayer">Layer of the hashes; 0 is that of the 16 KiB leaves.</param>
/// <param name="Index">First hash in that layer; a multiple of <paramref name="Length"/>.</param>
/// <param name="Length">Number of hashes: a power of two, at least 2.</param>
/// <param name="ProofLayers">Number of layers above the base layer whose uncle hashes are requested.</param>
public readonly record struct HashRange(Hash32 Root, int BaseLayer, int Index, int Length, int ProofLayers)
{
    /// <summary>Length of an encoded range.</summary>
    public const int Bytes = 48;

    /// <summary>
    /// Number of uncle hashes after the <see cref="Length"/> hashes, from which the lowest proof layers are computed.
    /// </summary>
    public int ProofHashes => Math.Max(0, ProofLayers - (BitOperations.Log2((uint)Length) - 1));

    /// <summary>Reads the body of a hash request or a hash reject.</summary>
    public static bool TryRead(ReadOnlySpan<byte> body, out HashRange range, [NotNullWhen(false)] out Fault? fault)
    {
        if (body.Length != Bytes)
        {
            range = default;
            fault = new Fault($"a hash message has {body.Length:N0} bytes instead of {Bytes}");
            return false;
        }
        return TryReadNumbers(body, out range, out fault);
    }

    /// <summary>Reads the body of a hashes message: the range, its hashes and the uncle hashes of the proof.</summary>
    public static bool TryReadHashes(
        ReadOnlySpan<byte> body,
        out HashRange range,
        out ReadOnlySpan<byte> hashes,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        range = default;
        hashes = default;
        if (body.Length < Bytes)
        {
            fault = new Fault($"a hash message has {body.Length:N0} bytes, fewer than {Bytes}");
            return false;
        }
        if (!TryReadNumbers(body[..Bytes], out range, out fault))
        {
            return false;
        }
        hashes = body[Bytes..];
        if (hashes.Length != (range.Length + range.ProofHashes) * Hash32.Length)
        {
            fault = new Fault(
                $"a hashes message carries {hashes.Length:N0} bytes, which does not match its range",
                Bytes
            );
            return false;
        }
        return true;
    }

    public void Write(Span<byte> into)
    {
        Root.CopyTo(into);
        BinaryPrimitives.WriteInt32BigEndian(into[32..], BaseLayer);
        BinaryPrimitives.WriteInt32BigEndian(into[36..], Index);
        BinaryPrimitives.WriteInt32BigEndian(into[40..], Length);
        BinaryPrimitives.WriteInt32BigEndian(into[44..], ProofLayers);
    }

    private static bool TryReadNumbers(
        ReadOnlySpan<byte> body,
        out HashRange range,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        range = new HashRange(
            new Hash32(body),
            BinaryPrimitives.ReadInt32BigEndian(body[32..]),
            BinaryPrimitives.ReadInt32BigEndian(body[36..]),
            BinaryPrimitives.ReadInt32BigEndian(body[40..]),
            BinaryPrimitives.ReadInt32BigEndian(body[44..])
        );
        fault = range switch
        {
            { Length: < 2 or > PeerLimits.MaxHashes } => new Fault(
                $"a range has {range.Length:N0} hashes; 2 to {PeerLimits.MaxHashes:N0} are allowed",
                40
            ),
            _ when !BitOperations.IsPow2(range.Length) => new Fault("the length of a range is not a power of two", 40),
            { Index: < 0 } => new Fault("a range starts above 2^31 − 1", 36),
            _ when range.Index % range.Length != 0 => new Fault(
                "a range does not start at a multiple of its length",
                36
            ),
            { BaseLayer: < 0 or > PeerLimits.MaxMerkleLayers } => new Fault("the layer of a range does not exist", 32),
            { ProofLayers: < 0 or > PeerLimits.MaxMerkleLayers } => new Fault(
                "a range requests more proof layers than any tree has",
                44
            ),
            _ => null,
        };
        return fault is null;
    }
}
