using System.Numerics;
using System.Security.Cryptography;

namespace Anatomic.Machine.Tests.Identity;

public class MachineSignaturesTests
{
    private static readonly BigInteger Order = BigInteger.Parse(
        "0FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551",
        System.Globalization.NumberStyles.HexNumber
    );

    [Fact]
    public async Task A_valid_signature_is_accepted_and_a_changed_one_rejected()
    {
        await using var machine = new TestMachine();
        var signatures = machine.World.Signatures;
        var signer = signatures.Open(signatures.CreateKey());
        byte[] data = [1, 2, 3];
        for (var i = 0; i < 32; i++)
        {
            var signature = signer.Sign(data);
            signature.Length.ShouldBe(64);
            signatures.Verify(signer.PublicKey.Span, data, signature).ShouldBeTrue();
            new BigInteger(signature.AsSpan(32), isUnsigned: true, isBigEndian: true).ShouldBeLessThanOrEqualTo(
                Order / 2
            );
        }
        var changed = signer.Sign(data);
        changed[5] ^= 1;
        signatures.Verify(signer.PublicKey.Span, data, changed).ShouldBeFalse();
        signatures.Verify(signer.PublicKey.Span, [1, 2, 4], signer.Sign(data)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_signature_with_s_in_the_upper_half_is_rejected()
    {
        await using var machine = new TestMachine();
        var signatures = machine.World.Signatures;
        var signer = signatures.Open(signatures.CreateKey());
        var twin = signer.Sign([7]);
        var s = Order - new BigInteger(twin.AsSpan(32), isUnsigned: true, isBigEndian: true);
        twin.AsSpan(32).Clear();
        var bytes = s.ToByteArray(isUnsigned: true, isBigEndian: true);
        bytes.CopyTo(twin.AsSpan(64 - bytes.Length));
        // The system accepts it, so our own rule must reject it.
        using var key = ECDsa.Create(
            new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256,
                Q = new ECPoint { X = signer.PublicKey[..32].ToArray(), Y = signer.PublicKey[32..].ToArray() },
            }
        );
        key.VerifyData("\a"u8, twin, HashAlgorithmName.SHA256).ShouldBeTrue();
        signatures.Verify(signer.PublicKey.Span, [7], twin).ShouldBeFalse();
    }

    [Fact]
    public async Task A_known_private_key_has_the_expected_public_key()
    {
        await using var machine = new TestMachine();
        // RFC 6979, A.2.5.
        var d = Convert.FromHexString("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721");
        var publicKey = Convert.FromHexString(
            "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"
                + "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299"
        );
        // Its signature of "sample"; there s is in the upper half, so this is n-s.
        var r = "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716";
        var s =
            Order
            - BigInteger.Parse(
                "0F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
                System.Globalization.NumberStyles.HexNumber
            );
        byte[] signature =
        [
            .. Convert.FromHexString(r),
            .. s.ToByteArray(isUnsigned: true, isBigEndian: true).AsSpan(),
        ];
        machine.World.Signatures.Open(d).PublicKey.ToArray().ShouldBe(publicKey);
        machine.World.Signatures.Verify(publicKey, "sample"u8, signature.Length == 64 ? signature : []).ShouldBeTrue();
    }

    [Fact]
    public async Task Malformed_keys_and_signatures_are_rejected_without_an_exception()
    {
        await using var machine = new TestMachine();
        var signatures = machine.World.Signatures;
        signatures.Verify(new byte[64], [1], new byte[64]).ShouldBeFalse();
        signatures.Verify(Enumerable.Repeat((byte)0xFF, 64).ToArray(), [1], new byte[64]).ShouldBeFalse();
        signatures.Verify([], [1], []).ShouldBeFalse();
        var signer = signatures.Open(signatures.CreateKey());
        signatures.Verify(signer.PublicKey.Span, [1], new byte[64]).ShouldBeFalse();
        Should.Throw<ArgumentException>(() => signatures.Open(new byte[32]));
        Should.Throw<ArgumentException>(() => signatures.Open(Enumerable.Repeat((byte)0xFF, 32).ToArray()));
    }

    [Fact]
    public async Task Random_numbers_do_not_repeat_on_any_thread_or_fork()
    {
        await using var machine = new TestMachine();
        var drawn = new System.Collections.Concurrent.ConcurrentBag<ulong>();
        await Task.WhenAll(
            Enumerable
                .Range(0, 4)
                .Select(i =>
                    Task.Run(() =>
                    {
                        var mine = machine.World.Entropy.Fork($"stream {i}");
                        for (var j = 0; j < 2000; j++)
                        {
                            drawn.Add(mine.NextUInt64());
                        }
                    })
                )
        );
        drawn.Distinct().Count().ShouldBe(8000);
        machine.World.Entropy.Bytes(1000).Distinct().Count().ShouldBeGreaterThan(200);
    }
}
