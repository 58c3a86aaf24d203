using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Anatomic.Wire.Bencoding;
using Anatomic.Wire.Identity;

namespace Anatomic.Wire.Network;

/// <summary>
/// The envelope of every signed item: <c>{a: 1, k: point, s: r‖s, v: dictionary}</c>. Reading does not verify the
/// signature.
/// </summary>
/// <param name="Raw">The whole item in canonical encoding.</param>
/// <param name="PublicKey">k: X‖Y, 64 bytes.</param>
/// <param name="Signature">s, 64 bytes.</param>
/// <param name="Value">v, parsed; its <see cref="BencodeValue.Raw"/> was signed.</param>
public sealed record SignedItem(
    ReadOnlyMemory<byte> Raw,
    ReadOnlyMemory<byte> PublicKey,
    ReadOnlyMemory<byte> Signature,
    BencodeValue Value
)
{
    private const int SignatureLength = 64;

    public NodeId Signer => NodeId.Of(PublicKey.Span);

    /// <summary>
    /// Reads an item of exactly these four keys, in canonical encoding, with at most <paramref name="maxBytes"/>.
    /// </summary>
    public static bool TryRead(
        ReadOnlyMemory<byte> raw,
        int maxBytes,
        [NotNullWhen(true)] out SignedItem? item,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        item = null;
        if (raw.Length > maxBytes)
        {
            fault = new Fault($"a signed item has {raw.Length:N0} bytes; at most {maxBytes:N0} are allowed");
            return false;
        }
        return BencodeValue.TryParse(raw, BencodeMode.Strict, out var value, out fault)
            && TryRead(value, out item, out fault);
    }

    /// <summary>Reads an item that is part of a larger value, which was parsed strictly.</summary>
    public static bool TryRead(
        BencodeValue value,
        [NotNullWhen(true)] out SignedItem? item,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        item = null;
        fault = null;
        if (value.Kind != BencodeKind.Dictionary || value.Entries.Count != 4)
        {
            fault = new Fault("a signed item must be a dictionary of a, k, s and v", value.Position);
        }
        else if (!value.TryGetInteger("a"u8, out var algorithm) || algorithm != NetworkLimits.Algorithm)
        {
            fault = new Fault("the item's signature algorithm is unknown", value.Position);
        }
        else if (!value.TryGetBytes("k"u8, out var key) || key.Length != NodeId.PublicKeyLength)
        {
            fault = new Fault("the item's key is not a point of 64 bytes", value.Position);
        }
        else if (!value.TryGetBytes("s"u8, out var signature) || signature.Length != SignatureLength)
        {
            fault = new Fault("the item's signature does not have 64 bytes", value.Position);
        }
        else if (value.Find("v"u8) is not { Kind: BencodeKind.Dictionary } content)
        {
            fault = new Fault("the item's v is not a dictionary", value.Position);
        }
        else
        {
            item = new SignedItem(value.Raw, key, signature, content);
        }
        return fault is null;
    }

    /// <summary>Builds an item from its parts.</summary>
    public static SignedItem Assemble(
        ReadOnlySpan<byte> publicKey,
        ReadOnlySpan<byte> signature,
        ReadOnlySpan<byte> value
    )
    {
        var writer = new BencodeWriter();
        writer.BeginDictionary().Key("a"u8).Integer(NetworkLimits.Algorithm).Key("k"u8).Bytes(publicKey);
        writer.Key("s"u8).Bytes(signature).Key("v"u8).Raw(value).End();
        Invariant.Holds(TryRead(writer.ToArray(), int.MaxValue, out var item, out _));
        return item;
    }

    /// <summary>The text that is signed: <c>anatomic1:net:a:t:v</c>.</summary>
    public static byte[] TextToSign(NetworkName network, string itemType, ReadOnlySpan<byte> value) =>
        [.. Encoding.ASCII.GetBytes($"anatomic1:{network.Text}:{NetworkLimits.Algorithm}:{itemType}:"), .. value];

    /// <summary>
    /// The digest that identifies an item: SHA-256 of the signed text and the key. It excludes the signature, because
    /// the same text has several valid ones.
    /// </summary>
    public static Hash32 DigestOf(ReadOnlySpan<byte> textToSign, ReadOnlySpan<byte> publicKey)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(textToSign);
        hash.AppendData(publicKey);
        Span<byte> digest = stackalloc byte[Hash32.Length];
        hash.GetHashAndReset(digest);
        return new Hash32(digest);
    }
}
