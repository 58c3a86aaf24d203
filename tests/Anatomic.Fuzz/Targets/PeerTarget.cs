using Anatomic.Wire;
using Anatomic.Wire.Peers;

namespace Anatomic.Fuzz.Targets;

/// <summary>What peers send: messages, and what is inside of extended and hash messages (BEP 3, 6, 9, 10, 52).</summary>
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
        Handshake.TryRead(input.AsSpan(0, Math.Min(input.Length, PeerLimits.HandshakeBytes)), out _, out _);
        ExtendedHandshake.TryRead(input, out _, out _);
        MetadataMessage.TryRead(input, out _, out _);
        HashRange.TryReadHashes(input, out _, out _, out _);
    }

    private static void Inside(in PeerMessage message)
    {
        switch (message.Id)
        {
            case PeerMessageId.Extended:
                ExtendedHandshake.TryRead(message.Payload.ToArray(), out _, out _);
                MetadataMessage.TryRead(message.Payload.ToArray(), out _, out _);
                break;
            case PeerMessageId.Bitfield:
                PieceSet.TryRead(message.Payload, message.Payload.Length * 8, out _);
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
