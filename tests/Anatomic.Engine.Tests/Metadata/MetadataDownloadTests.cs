using Anatomic.Engine.Metadata;
using Anatomic.Wire.Peers;

namespace Anatomic.Engine.Tests.Metadata;

public class MetadataDownloadTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;

    private static MetadataMessage Piece(int piece, int length) =>
        new(MetadataKind.Data, piece, null, Enumerable.Repeat((byte)(piece + 1), length).ToArray());

    [Fact]
    public void It_is_put_together_from_its_pieces()
    {
        var download = new MetadataDownload(40_000, Start);
        new[] { download.Next(), download.Next(), download.Next(), download.Next() }.ShouldBe([0, 1, 2, -1]);
        download.Take(Piece(2, 40_000 - 32_768), Start).ShouldBeNull();
        download.Take(Piece(0, 16_384), Start).ShouldBeNull();
        download.IsWhole.ShouldBeFalse();
        download.Take(Piece(1, 16_384), Start).ShouldBeNull();
        download.IsWhole.ShouldBeTrue();
        (download.Bytes.Span[0], download.Bytes.Span[39_999]).ShouldBe(((byte)1, (byte)3));
    }

    [Fact]
    public void A_piece_that_nobody_asked_for_or_of_a_wrong_length_is_a_fault()
    {
        var download = new MetadataDownload(20_000, Start);
        download.Take(Piece(0, 16_384), Start).ShouldNotBeNull();
        download.Next();
        download.Take(Piece(0, 100), Start)!.What.ShouldBe("piece 0 of the metadata has 100 bytes");
        download.Take(Piece(0, 16_384), Start).ShouldBeNull();
        download.Take(Piece(0, 16_384), Start).ShouldNotBeNull();
    }
}
