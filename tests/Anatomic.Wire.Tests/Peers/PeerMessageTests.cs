using System.Buffers;
using Anatomic.Wire.Peers;
using FsCheck;
using FsCheck.Fluent;

namespace Anatomic.Wire.Tests.Peers;

public class PeerMessageTests
{
    private static byte[] Written(Action<IBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        return output.WrittenSpan.ToArray();
    }

    private static PeerMessage Read(byte[] bytes)
    {
        PeerMessage.TryReadLength(bytes, out var length, out _).ShouldBeTrue();
        length.ShouldBe(bytes.Length - 4);
        PeerMessage.TryRead(bytes.AsSpan(4), out var message, out _).ShouldBeTrue();
        return message;
    }

    [Fact]
    public void A_request_follows_BEP_3() =>
        Written(o => PeerMessageWriter.Block(o, PeerMessageId.Request, new BlockRange(new(1), 0x4000, 0x4000)))
            .ShouldBe([0, 0, 0, 13, 6, 0, 0, 0, 1, 0, 0, 0x40, 0, 0, 0, 0x40, 0]);

    [Fact]
    public void A_keep_alive_is_an_empty_message()
    {
        Written(PeerMessageWriter.KeepAlive).ShouldBe([0, 0, 0, 0]);
        Read([0, 0, 0, 0]).Id.ShouldBe(PeerMessageId.KeepAlive);
    }

    [Theory]
    [InlineData(PeerMessageId.Choke)]
    [InlineData(PeerMessageId.Unchoke)]
    [InlineData(PeerMessageId.Interested)]
    [InlineData(PeerMessageId.NotInterested)]
    [InlineData(PeerMessageId.HaveAll)]
    [InlineData(PeerMessageId.HaveNone)]
    public void A_plain_message_is_its_id(PeerMessageId id)
    {
        var bytes = Written(o => PeerMessageWriter.Plain(o, id));
        bytes.ShouldBe([0, 0, 0, 1, (byte)id]);
        Read(bytes).Id.ShouldBe(id);
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(4, 4)]
    [InlineData(6, 16)]
    [InlineData(9, 4)]
    [InlineData(14, 2)]
    [InlineData(20, 1)]
    public void A_message_of_the_wrong_length_is_rejected(byte id, int length)
    {
        var body = new byte[length];
        body[0] = id;
        PeerMessage.TryRead(body, out _, out var fault).ShouldBeFalse();
        fault.ShouldNotBeNull();
    }

    [Fact]
    public void A_block_beyond_31_bits_is_rejected()
    {
        byte[] body = [6, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0];
        PeerMessage.TryRead(body, out _, out var fault).ShouldBeFalse();
        fault.What.ShouldBe("a message Request contains a number above 2^31 − 1");
    }

    [Fact]
    public void A_message_beyond_the_limit_is_rejected_by_its_prefix()
    {
        PeerMessage.TryReadLength([0, 0x20, 0, 0], out _, out var fault).ShouldBeFalse();
        fault.ShouldNotBeNull().What.ShouldStartWith("a message has 2,097,152 bytes");
    }

    [Fact]
    public void An_incomplete_prefix_needs_more_bytes()
    {
        PeerMessage.TryReadLength([0, 0, 0], out _, out var fault).ShouldBeFalse();
        fault.ShouldBeNull();
    }

    [Fact]
    public void An_unknown_message_is_ignored() => Read([0, 0, 0, 2, 99, 1]).Id.ShouldBe(PeerMessageId.Unknown);

    [Fact]
    public void A_piece_message_carries_its_block()
    {
        var head = new byte[PeerMessageWriter.PiecePrefixBytes];
        PeerMessageWriter.PiecePrefix(head, new BlockRange(new(7), 32768, 3));
        var message = Read([.. head, 1, 2, 3]);
        message.Block.ShouldBe(new BlockRange(new(7), 32768, 3));
        message.Payload.ToArray().ShouldBe([1, 2, 3]);
    }

    [Fact]
    public void A_piece_message_without_data_is_rejected() =>
        PeerMessage.TryRead([7, 0, 0, 0, 0, 0, 0, 0, 0], out _, out _).ShouldBeFalse();

    [Fact]
    public void Blocks_round_trip() =>
        Prop.ForAll<int, int, int>(
                (piece, begin, length) =>
                {
                    var block = new BlockRange(new(piece & int.MaxValue), begin & int.MaxValue, length & int.MaxValue);
                    var bytes = Written(o => PeerMessageWriter.Block(o, PeerMessageId.Cancel, block));
                    var message = Read(bytes);
                    return message.Id == PeerMessageId.Cancel && message.Block == block;
                }
            )
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Any_bytes_are_a_message_or_a_fault() =>
        Prop.ForAll<byte[]>(body => PeerMessage.TryRead(body ?? [], out _, out var fault) == (fault is null))
            .QuickCheckThrowOnFailure();
}
