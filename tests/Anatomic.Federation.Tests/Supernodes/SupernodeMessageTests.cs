using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;

namespace Anatomic.Federation.Tests.Supernodes;

public class SupernodeMessageTests
{
    private static readonly NodeId Id = new(new Hash32(1, 2, 3, 4));

    private static SignedItem Item(int number) =>
        SignedItem.Assemble(new byte[64], new byte[64], new Receipt(new Hash32(1, 1, 1, 1), Id, number).Write());

    [Fact]
    public void Messages_of_supernodes_are_read_as_they_were_written()
    {
        RecordList.TryRead(new RecordList([Item(1), Item(2)], Id).Write(), out var list, out _).ShouldBeTrue();
        list!.Records.Count.ShouldBe(2);
        list.Next.ShouldBe(Id);
        LookupResponse
            .TryRead(new LookupResponse([new HeldOrder(Item(1), [Item(2)])]).Write(), out var lookup, out _)
            .ShouldBeTrue();
        lookup!.Orders[0].Holders[0].Raw.ToArray().ShouldBe(Item(2).Raw.ToArray());
        ReceiptsRequest.TryRead(new ReceiptsRequest(Item(1), [Item(2)]).Write(), out var post, out _).ShouldBeTrue();
        post!.Receipts.Count.ShouldBe(1);
        var seen = Endpoint.FromV4(0x01020304, 5);
        RecordResponse.TryRead(new RecordResponse(seen, "no").Write(), out var reply, out _).ShouldBeTrue();
        reply.ShouldBe(new RecordResponse(seen, "no"));
        ExchangeRequest
            .TryRead(new ExchangeRequest([new NumberedId(Id, 7)], [Id]).Write(), out var ask, out _)
            .ShouldBeTrue();
        ask!.Know.ShouldBe([new NumberedId(Id, 7)]);
        ask.Ages.ShouldBe([Id]);
        ExchangeResponse
            .TryRead(new ExchangeResponse([Item(1)], [new NumberedId(Id, 9)]).Write(), out var answer, out _)
            .ShouldBeTrue();
        answer!.Ages.ShouldBe([new NumberedId(Id, 9)]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("le")]
    [InlineData("de")]
    [InlineData("d6:ordersl1:aee")]
    [InlineData("d4:ages1:x4:know0:e")]
    [InlineData("d7:recordsli1eee")]
    public void An_invalid_message_is_rejected_with_a_reason(string text)
    {
        var raw = System.Text.Encoding.ASCII.GetBytes(text);
        RecordList.TryRead(raw, out _, out var first).ShouldBeFalse();
        first.ShouldNotBeNull();
        LookupResponse.TryRead(raw, out _, out var second).ShouldBeFalse();
        second.ShouldNotBeNull();
        ReceiptsRequest.TryRead(raw, out _, out var third).ShouldBeFalse();
        third.ShouldNotBeNull();
        ExchangeRequest.TryRead(raw, out _, out var fourth).ShouldBeFalse();
        fourth.ShouldNotBeNull();
        RecordResponse.TryRead(raw, out _, out var fifth).ShouldBeFalse();
        fifth.ShouldNotBeNull();
    }
}
