using System.Buffers;
using System.Text;
using Anatomic.Wire.Peers;
using FsCheck;
using FsCheck.Fluent;

namespace Anatomic.Wire.Tests.Peers;

public class ExtensionMessageTests
{
    [Fact]
    public void A_long_client_name_is_cut_between_characters()
    {
        var sent = new ExtendedHandshake { Client = "a" + string.Concat(Enumerable.Repeat("\U0001F600", 40)) };

        ExtendedHandshake.TryRead(sent.Write(), out var read, out _).ShouldBeTrue();

        read!.Client.ShouldBe(sent.Client[..63]);
    }

    [Fact]
    public void The_extended_handshake_of_BEP_10_is_read()
    {
        var bytes = Encoding.UTF8.GetBytes(
            "d1:md11:LT_metadatai1e6:ut_PEXi2e11:ut_metadatai3ee1:pi6881e4:reqqi512e1:v13:µTorrent 1.2e"
        );
        ExtendedHandshake.TryRead(bytes, out var read, out _).ShouldBeTrue();
        read.Extensions.ShouldBe(
            new Dictionary<string, byte>
            {
                ["LT_metadata"] = 1,
                ["ut_PEX"] = 2,
                ["ut_metadata"] = 3,
            },
            ignoreOrder: true
        );
        read.Port.ShouldBe(6881);
        read.RequestQueue.ShouldBe(512);
        read.Client.ShouldBe("µTorrent 1.2");
    }

    [Fact]
    public void Extended_handshakes_round_trip()
    {
        var handshake = new ExtendedHandshake
        {
            Extensions = new Dictionary<string, byte> { ["ut_metadata"] = 2, ["ut_pex"] = 0 },
            MetadataBytes = 31235,
            Client = "Anatomic 0.1",
            Port = 6881,
            RequestQueue = 2048,
            UploadOnly = true,
        };
        ExtendedHandshake.TryRead(handshake.Write(), out var read, out _).ShouldBeTrue();
        read.ShouldBe(handshake);
    }

    [Fact]
    public void Invalid_values_count_as_absent()
    {
        ExtendedHandshake
            .TryRead("d1:md11:ut_metadatai900ee13:metadata_sizei-5e1:pi0e4:reqqi-1ee"u8.ToArray(), out var read, out _)
            .ShouldBeTrue();
        read.ShouldBe(new ExtendedHandshake());
    }

    [Theory]
    [InlineData("d1:mde13:metadata_sizei99999999999e4:reqqi7ee")]
    [InlineData("d1:mi5e4:reqqi7e1:vi3ee")]
    [InlineData("d1:mde1:pi99999999999999999999999e4:reqqi7ee")]
    [InlineData("d1:md11:ut_metadata1:xe1:p2:ab4:reqqi7e11:upload_onlyleee")]
    [InlineData("d1:mde1:mde1:pi-1e4:reqqi7e1:vd1:xi1eee")]
    public void A_value_that_makes_no_sense_spoils_nothing_else(string bytes)
    {
        ExtendedHandshake.TryRead(Encoding.ASCII.GetBytes(bytes), out var read, out _).ShouldBeTrue();
        read.ShouldBe(new ExtendedHandshake { RequestQueue = 7 });
    }

    [Fact]
    public void More_extensions_than_the_limit_are_ignored()
    {
        var names = string.Concat(Enumerable.Range(100, 100).Select(number => $"4:e{number}i1e"));
        ExtendedHandshake.TryRead(Encoding.ASCII.GetBytes($"d1:md{names}ee"), out var read, out _).ShouldBeTrue();
        read.Extensions.Count.ShouldBe(PeerLimits.MaxExtensions);
    }

    [Fact]
    public void A_later_handshake_changes_only_what_it_gives()
    {
        var first = new ExtendedHandshake
        {
            Extensions = new Dictionary<string, byte> { ["ut_metadata"] = 2, ["ut_pex"] = 3 },
            MetadataBytes = 5,
            Client = "a",
            UploadOnly = true,
        };
        var later = new ExtendedHandshake
        {
            Extensions = new Dictionary<string, byte> { ["ut_pex"] = 0 },
            UploadOnly = false,
        };
        later
            .After(first)
            .ShouldBe(
                first with
                {
                    Extensions = new Dictionary<string, byte> { ["ut_metadata"] = 2, ["ut_pex"] = 0 },
                    UploadOnly = false,
                }
            );
    }

    [Fact]
    public void Control_characters_in_a_name_do_not_reach_a_terminal()
    {
        ExtendedHandshake.TryRead("d1:mde1:v3:a\u001bbe"u8.ToArray(), out var read, out _).ShouldBeTrue();
        read.Client.ShouldBe("a?b");
    }

    [Fact]
    public void The_messages_of_BEP_9_are_read_and_written()
    {
        MetadataMessage.Request(0).Write().ShouldBe("d8:msg_typei0e5:piecei0ee"u8.ToArray());
        MetadataMessage.Reject(0).Write().ShouldBe("d8:msg_typei2e5:piecei0ee"u8.ToArray());
        MetadataMessage
            .TryRead("d8:msg_typei1e5:piecei0e10:total_sizei3425eexxxxxxxx"u8.ToArray(), out var data, out _)
            .ShouldBeTrue();
        data.Kind.ShouldBe(MetadataKind.Data);
        data.TotalBytes.ShouldBe(3425);
        data.Data.ToArray().ShouldBe("xxxxxxxx"u8.ToArray());
    }

    [Fact]
    public void A_piece_of_metadata_is_at_most_16_KiB()
    {
        var message = new MetadataMessage(MetadataKind.Data, 0, 40000, new byte[16385]);
        MetadataMessage.TryRead(message.Write(), out _, out var fault).ShouldBeFalse();
        fault.What.ShouldBe("a piece of metadata has 16,385 bytes");
    }

    [Fact]
    public void The_allowed_fast_set_matches_BEP_6()
    {
        var peer = Endpoint.FromV4(0x50_04_04_c8, 6881);
        var infoHash = new Hash20(Enumerable.Repeat((byte)0xaa, 20).ToArray());
        AllowedFast
            .Set(peer, infoHash, 1313, 7)
            .Select(piece => piece.Value)
            .ShouldBe([1059, 431, 808, 1217, 287, 376, 1188]);
        AllowedFast
            .Set(peer, infoHash, 1313, 9)
            .Select(piece => piece.Value)
            .ShouldBe([1059, 431, 808, 1217, 287, 376, 1188, 353, 508]);
    }

    [Fact]
    public void Hash_ranges_round_trip()
    {
        var range = new HashRange(new Hash32(1, 2, 3, 4), 6, 512, 512, 12);
        var output = new ArrayBufferWriter<byte>();
        var hashes = new byte[(512 + 4) * 32];
        PeerMessageWriter.HashMessage(output, PeerMessageId.Hashes, range, hashes);
        PeerMessage.TryRead(output.WrittenSpan[4..], out var message, out _).ShouldBeTrue();
        message.Id.ShouldBe(PeerMessageId.Hashes);
        HashRange.TryReadHashes(message.Payload, out var read, out var carried, out _).ShouldBeTrue();
        read.ShouldBe(range);
        carried.Length.ShouldBe(hashes.Length);
    }

    [Theory]
    [InlineData(0, 0, 3, 0)]
    [InlineData(0, 0, 1, 0)]
    [InlineData(0, 2, 4, 0)]
    [InlineData(0, 0, 16384, 0)]
    [InlineData(60, 0, 2, 0)]
    [InlineData(0, 0, 2, 60)]
    [InlineData(-1, 0, 2, 0)]
    [InlineData(0, -2, 2, 0)]
    public void A_hash_range_that_violates_BEP_52_is_rejected(int layer, int index, int length, int proof)
    {
        var body = new byte[HashRange.Bytes];
        new HashRange(default, layer, index, length, proof).Write(body);
        HashRange.TryRead(body, out _, out _).ShouldBeFalse();
    }

    [Fact]
    public void Any_bytes_are_an_extension_message_or_a_fault() =>
        Prop.ForAll<byte[]>(input =>
            {
                var bytes = input ?? [];
                return ExtendedHandshake.TryRead(bytes, out _, out var first) == (first is null)
                    && MetadataMessage.TryRead(bytes, out _, out var second) == (second is null)
                    && HashRange.TryReadHashes(bytes, out _, out _, out var third) == (third is null);
            })
            .QuickCheckThrowOnFailure();
}
