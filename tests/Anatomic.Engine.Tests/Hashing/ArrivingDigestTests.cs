using Anatomic.Engine.Creation;
using Anatomic.Engine.Hashing;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Engine.Tests.Hashing;

public class ArrivingDigestTests
{
    private const int PieceLength = 1 << 20;
    private const string Path = "/data/file";

    private readonly MemoryWorld world = new();

    [Theory]
    [InlineData(TorrentFormat.V1)]
    [InlineData(TorrentFormat.V2)]
    [InlineData(TorrentFormat.Hybrid)]
    public void A_piece_that_arrives_in_parts_is_right_and_a_changed_one_is_wrong(TorrentFormat format)
    {
        var bytes = Sample.Bytes((2 * PieceLength) + 700_001, 1);
        world.Files[Path] = bytes;
        MemoryWorld.Run(async () =>
        {
            var options = new CreateOptions { Format = format, PieceLength = PieceLength };
            var metainfo = await TorrentCreator.CreateAsync(world, Path, options, null, CancellationToken.None);
            for (var index = 0; index < metainfo.Info.PieceCount; index++)
            {
                var piece = new PieceIndex(index);
                var content = bytes.AsSpan(index * PieceLength);
                var data = content[..Math.Min(content.Length, PieceLength)].ToArray();
                (await VerifyAsync(metainfo, piece, data)).ShouldBeTrue();
                data[400_000] ^= 1;
                (await VerifyAsync(metainfo, piece, data)).ShouldBeFalse();
            }
        });
    }

    private async Task<bool> VerifyAsync(TorrentMetainfo metainfo, PieceIndex piece, byte[] data)
    {
        var digest = new ArrivingDigest(metainfo.Info, piece, world.Workers);
        for (var there = 0; there < data.Length; there += 3 * PeerLimits.BlockBytes)
        {
            digest.Advance(data.AsMemory(0, there));
            await Task.Yield();
        }
        return await digest.FinishAsync(new PieceVerifier(metainfo, world.Workers), data);
    }
}
