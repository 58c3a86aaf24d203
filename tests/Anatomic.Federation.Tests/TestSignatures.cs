using System.Security.Cryptography;
using Anatomic.Federation.Signing;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Tests;

/// <summary>Cheap signatures of the real lengths: hashes over key and data.</summary>
internal sealed class TestSignatures : ISignatures
{
    public ISigner Open(ReadOnlySpan<byte> privateKey) => new Signer(SHA512.HashData(privateKey));

    public byte[] CreateKey() => new byte[32];

    public bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
        signature.SequenceEqual(SignatureOf(publicKey, data));

    private static byte[] SignatureOf(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data) =>
        SHA512.HashData([.. publicKey, .. data]);

    private sealed class Signer(byte[] publicKey) : ISigner
    {
        public ReadOnlyMemory<byte> PublicKey { get; } = publicKey;

        public byte[] Sign(ReadOnlySpan<byte> data) => SignatureOf(PublicKey.Span, data);
    }
}

/// <summary>Keys, times and orders for tests.</summary>
internal static class Sample
{
    public static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_000);
    public static readonly NetworkOptions Local = new() { Name = NetworkName.LocalDefault };
    public static readonly NetworkOptions Main = new();
    public static readonly Hash20 Swarm = new(1, 2, 3);

    public static ItemSigner Signer(byte who, NetworkOptions? network = null) =>
        new(new TestSignatures().Open([who]), (network ?? Local).Name);

    public static ItemReader Reader(NetworkOptions? network = null) =>
        new(new TestSignatures(), (network ?? Local).Name);

    public static NodeId Id(byte who) => Signer(who).Id;

    /// <summary>An order with the work of a private network, by default of planter 200.</summary>
    public static Signed<PlantOrder> Order(
        IEnumerable<byte> candidates,
        int want = 1,
        DateTimeOffset? at = null,
        byte planter = 200,
        NetworkOptions? network = null
    )
    {
        var signer = Signer(planter, network);
        var order = new PlantOrder
        {
            Swarms = [Swarm],
            Candidates = [.. candidates.Select(Id)],
            Want = want,
            At = (at ?? Now).ToUnixTimeMilliseconds(),
        };
        var draft = signer.Sign(order);
        var prefix = Work.Prefix(signer.Network, signer.PublicKey.Span, draft.Envelope.Value);
        // The work of a public network would take a second per test.
        var nonce = Work.Search(prefix, NetworkLimits.PrivateWorkFloorBits, 0, 100_000);
        return signer.Sign(order with { Nonce = nonce!.Value });
    }
}
