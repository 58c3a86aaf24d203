using Anatomic.Engine.Hashing;
using Anatomic.Engine.Storage;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Engine.Tests.Hashing;

public sealed class PieceVerifierTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(16_384)]
    [InlineData(20_000)]
    public void Segments_of_any_length_give_the_same_result(int segmentLength)
    {
        var world = Sample.World();
        var metainfo = Sample.Create(world, TorrentFormat.Hybrid);
        MemoryWorld.Run(async () =>
        {
            await using var storage = Sample.Open(world, metainfo, Sample.Folder);
            var verifier = new PieceVerifier(metainfo, world.Workers);
            for (var i = 0; i < metainfo.Info.PieceCount; i++)
            {
                var piece = new PieceIndex(i);
                var bytes = await Sample.ReadPieceAsync(storage, piece);
                ReadOnlyMemory<byte>[] segments =
                [
                    .. bytes.Chunk(segmentLength).Select(segment => new ReadOnlyMemory<byte>(segment)),
                ];
                (await verifier.VerifyAsync(piece, segments)).ShouldBeTrue();
                bytes[^1] ^= 1;
                verifier.Verify(piece, [bytes]).ShouldBeFalse();
                verifier.Verify(piece, [bytes.AsMemory(1)]).ShouldBeFalse();
            }
        });
    }
}
