using Anatomic.Engine.Metadata;
using Anatomic.Wire.Peers;

namespace Anatomic.Engine.Tests.Metadata;

public class MetadataDownloadTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;

    private static MetadataMessage Piece(int piece, int length) =>
        new(MetadataKind.Data, piece, null, Enumerable.Repeat((byte)(piece + 1), length).ToArray());

    [Fact]
    public void Pieces_in_any_order_complete_the_metadata()
    {
        var download = new MetadataDownload(40_000, Start);
        new[] { download.Next(), download.Next(), download.Next(), download.Next() }.ShouldBe([0, 1, 2, -1]);
        download.Receive(Piece(2, 40_000 - 32_768), Start).ShouldBeNull();
        download.Receive(Piece(0, 16_384), Start).ShouldBeNull();
        download.IsComplete.ShouldBeFalse();
        download.Receive(Piece(1, 16_384), Start).ShouldBeNull();
        download.IsComplete.ShouldBeTrue();
        (download.Bytes.Span[0], download.Bytes.Span[39_999]).ShouldBe(((byte)1, (byte)3));
    }

    [Fact]
    public void A_piece_that_was_not_requested_is_a_fault()
    {
        var download = new MetadataDownload(20_000, Start);
        download
            .Receive(Piece(0, 16_384), Start)!
            .What.ShouldBe("the peer sent metadata piece 0, which we did not request");
        download.Next();
        download.Receive(Piece(0, 16_384), Start).ShouldBeNull();
        download.Receive(Piece(0, 16_384), Start).ShouldNotBeNull();
    }

    [Fact]
    public void A_piece_of_the_wrong_length_is_a_fault()
    {
        var download = new MetadataDownload(20_000, Start);
        download.Next();
        download.Receive(Piece(0, 100), Start)!.What.ShouldBe("metadata piece 0 has 100 bytes");
        download.Receive(Piece(0, 16_384), Start).ShouldBeNull();
    }
}
