using Anatomic.Wire;
using Anatomic.Wire.Peers;

namespace Anatomic.Fuzz.Targets;

/// <summary>Messages from peers, and the content of extended and hash messages (BEP 3, 6, 9, 10, 52).</summary>
internal sealed class PeerTarget : IFuzzTarget
{
    public string Name => "peer";

    public IReadOnlyList<byte[]> Tokens { get; } =
    [
        [0, 0, 0, 13, 6],
        [0, 0, 0, 1, 14],
        [0xff, 0xff, 0xff, 0xff],
        [20, 0],
        [22],
        .. new[] { "1:md11:ut_metadatai3ee", "13:metadata_sizei", "8:msg_typei1e", "5:piecei0e" }.Select(
            System.Text.Encoding.ASCII.GetBytes
        ),
    ];

    public void Run(byte[] input)
    {
        var at = 0;
        while (PeerMessage.TryReadLength(input.AsSpan(at), out var length, out _) && length <= input.Length - at - 4)
        {
            at += 4;
            if (PeerMessage.TryRead(input.AsSpan(at, length), out var message, out _))
            {
                Inside(message);
            }
            at += length;
        }
        Greeting(input.AsSpan(0, Math.Min(input.Length, PeerLimits.HandshakeBytes)));
        Extended(input);
        Metadata(input);
        HashRange.TryReadHashes(input, out _, out _, out _);
    }

    private static void Greeting(ReadOnlySpan<byte> bytes)
    {
        if (Handshake.TryRead(bytes, out var handshake, out _))
        {
            var written = new byte[PeerLimits.HandshakeBytes];
            handshake.Write(written);
            Invariant.Holds(Handshake.TryRead(written, out var again, out _) && again == handshake);
        }
    }

    private static void Extended(byte[] payload)
    {
        var fine = ExtendedHandshake.TryRead(payload, out var handshake, out var fault);
        Invariant.Holds(fine == fault is null);
        if (handshake is not null)
        {
            Invariant.Holds(handshake.Client.Length <= PeerLimits.MaxClientChars);
            Invariant.Holds(ExtendedHandshake.TryRead(handshake.Write(), out var again, out _));
            Invariant.Holds(again == handshake);
        }
    }

    private static void Metadata(byte[] payload)
    {
        var fine = MetadataMessage.TryRead(payload, out var message, out var fault);
        Invariant.Holds(fine == fault is null);
        if (fine && message.Kind != MetadataKind.Unknown)
        {
            Invariant.Holds(message.Data.Length <= PeerLimits.MetadataPieceBytes);
            Invariant.Holds(MetadataMessage.TryRead(message.Write(), out var again, out _));
            Invariant.Holds(again.Data.Span.SequenceEqual(message.Data.Span));
            Invariant.Holds(again with { Data = default } == message with { Data = default });
        }
    }

    private static void Inside(in PeerMessage message)
    {
        switch (message.Id)
        {
            case PeerMessageId.Extended:
                Extended(message.Payload.ToArray());
                Metadata(message.Payload.ToArray());
                break;
            case PeerMessageId.Bitfield:
                Invariant.Holds(PieceSet.TryRead(message.Payload, message.Payload.Length * 8, out var pieces));
                Invariant.Holds(pieces.Bytes.SequenceEqual(message.Payload));
                break;
            case PeerMessageId.HashRequest:
            case PeerMessageId.HashReject:
                HashRange.TryRead(message.Payload, out _, out _);
                break;
            case PeerMessageId.Hashes:
                HashRange.TryReadHashes(message.Payload, out _, out _, out _);
                break;
        }
    }
}
