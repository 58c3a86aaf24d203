using System.Numerics;
using System.Security.Cryptography;
using Anatomic.Wire.Metainfo;
using FsCheck;
using FsCheck.Fluent;

namespace Anatomic.Wire.Tests.Metainfo;

public sealed class MerkleTests
{
    [Fact]
    public void A_tree_is_SHA_256_over_pairs_padded_with_zeros()
    {
        var (a, b, c) = (Leaf(1), Leaf(2), Leaf(3));
        byte[] Above(byte[] left, byte[] right) => SHA256.HashData([.. left, .. right]);
        var expected = Above(Above(a.ToArray(), b.ToArray()), Above(c.ToArray(), new byte[32]));
        Merkle.Root([a, b, c], 4, 0).ToArray().ShouldBe(expected);
        var zeros = Above(new byte[32], new byte[32]);
        Merkle.Root([a, b, c], 8, 0).ToArray().ShouldBe(Above(expected, Above(zeros, zeros)));
    }

    [Fact]
    public void A_piece_layer_is_padded_with_pieces_of_zero_leaves()
    {
        var pieces = Enumerable.Range(1, 3).Select(i => Leaf((byte)i)).ToArray();
        var layer = pieces.SelectMany(piece => piece.ToArray()).ToArray();
        var right = Merkle.Parent(pieces[2], Merkle.Parent(default, default));
        Merkle.RootOfLayer(layer, 32_768).ShouldBe(Merkle.Parent(Merkle.Parent(pieces[0], pieces[1]), right));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(16_384, 0)]
    [InlineData(16_385, 1)]
    [InlineData(3 * 16_384, 2)]
    [InlineData(long.MaxValue, 49)]
    public void The_height_depends_on_the_length(long length, int height) => Merkle.Height(length).ShouldBe(height);

    [Fact]
    public void Only_proofs_of_correct_responses_hold() =>
        Check.QuickThrowOnFailure(
            Prop.ForAll(
                Gen.Choose(1, 40).SelectMany(count => Gen.Choose(0, 3).Select(log => (count, log))).ToArbitrary(),
                sample =>
                {
                    var nodes = Enumerable.Range(1, sample.count).Select(i => Leaf((byte)i)).ToArray();
                    var width = (int)BitOperations.RoundUpToPowerOf2((uint)nodes.Length);
                    var length = Math.Min(1 << sample.log, width);
                    var root = Merkle.Root(nodes.ToArray(), width, 0);
                    for (var index = 0; index < width; index += length)
                    {
                        var hashes = Enumerable
                            .Range(index, length)
                            .Select(i => i < nodes.Length ? nodes[i] : default)
                            .ToArray();
                        var uncles = Merkle.Uncles(nodes, 0, index, length, int.MaxValue).ToArray();
                        Merkle.Proves(root, index, hashes, uncles).ShouldBeTrue();
                        hashes[^1] = Leaf(99);
                        Merkle.Proves(root, index, hashes, uncles).ShouldBeFalse();
                    }
                }
            )
        );

    private static Hash32 Leaf(byte value) => Merkle.Leaf([value]);
}
