using System.Buffers;
using Anatomic.Wire;
using Anatomic.Wire.Peers;

namespace Anatomic.Fuzz.Targets;

/// <summary>
/// The bytes of a connection after the handshake. The first byte selects how they are split into receives, which must
/// not change the messages. Each message has one encoding, which the writer reproduces.
/// </summary>
internal sealed class PeerStreamTarget : IFuzzTarget
{
    private const int PrefixBytes = 4;

    public string Name => "peer-stream";

    public IReadOnlyList<byte[]> Tokens { get; } =
    [
        [0, 0, 0, 0],
        [0, 0, 0, 1, 0],
        [0, 0, 0, 5, 4, 0, 0, 0, 1],
        [0, 0, 0, 13, 6],
        [0, 0, 0, 10, 7, 0, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 3, 20, 0],
        [0, 0, 0, 49, 21],
        [0, 0x10, 0, 9],
        [0, 0x10, 0, 10],
        [0x7f, 0xff, 0xff, 0xff],
        [0x80, 0, 0, 0],
    ];

    public void Run(byte[] input)
    {
        if (input.Length == 0)
        {
            return;
        }
        var stream = input.AsMemory(1);
        var whole = new MessageReader(stream.Length);
        whole.Receive(stream.Span);
        var parts = new MessageReader(stream.Length);
        var random = new Random(input[0]);
        for (var at = 0; at < stream.Length && !parts.IsBroken; )
        {
            var length = Math.Min(stream.Length - at, random.Next(1, 1 << random.Next(1, 12)));
            parts.Receive(stream.Span.Slice(at, length));
            at += length;
        }
        Invariant.Holds(parts.IsBroken == whole.IsBroken && parts.Steps <= stream.Length + whole.Steps);
        Invariant.Holds(whole.Steps <= (stream.Length / PrefixBytes) + 1);
        Invariant.Holds(parts.Messages.AsSpan().SequenceEqual(whole.Messages));
    }

    /// <summary>Splits messages like the engine's reader: an incomplete one waits for the next receive.</summary>
    private sealed class MessageReader(int streamBytes)
    {
        private readonly ArrayBufferWriter<byte> messages = new();
        private readonly byte[] buffer = new byte[streamBytes];
        private int filled;

        public bool IsBroken { get; private set; }

        /// <summary>How often a length prefix was read.</summary>
        public int Steps { get; private set; }

        /// <summary>All messages so far, written again.</summary>
        public byte[] Messages => messages.WrittenSpan.ToArray();

        public void Receive(ReadOnlySpan<byte> received)
        {
            received.CopyTo(buffer.AsSpan(filled));
            filled += received.Length;
            var waiting = buffer.AsSpan(0, filled);
            var at = 0;
            Fault? fault;
            while (PeerMessage.TryReadLength(waiting[at..], out var length, out fault))
            {
                Steps++;
                if (waiting.Length - at < PrefixBytes + length)
                {
                    break;
                }
                var body = waiting.Slice(at + PrefixBytes, length);
                if (!PeerMessage.TryRead(body, out var message, out fault))
                {
                    break;
                }
                Write(message, body);
                at += PrefixBytes + length;
            }
            IsBroken = fault is not null;
            waiting[at..].CopyTo(buffer);
            filled -= at;
        }

        private void Write(in PeerMessage message, ReadOnlySpan<byte> body)
        {
            var writer = new ExactWriter();
            switch (message.Id)
            {
                case PeerMessageId.KeepAlive:
                    PeerMessageWriter.KeepAlive(writer);
                    break;
                case PeerMessageId.Have or PeerMessageId.SuggestPiece or PeerMessageId.AllowedFast:
                    PeerMessageWriter.Index(writer, message.Id, message.PieceIndex);
                    break;
                case PeerMessageId.Request or PeerMessageId.Cancel or PeerMessageId.RejectRequest:
                    PeerMessageWriter.Block(writer, message.Id, message.Block);
                    break;
                case PeerMessageId.Piece:
                    Invariant.Holds(message.Block.Length == message.Payload.Length);
                    PeerMessageWriter.PiecePrefix(writer.GetSpan(PeerMessageWriter.PiecePrefixBytes), message.Block);
                    writer.Advance(PeerMessageWriter.PiecePrefixBytes);
                    writer.Write(message.Payload);
                    break;
                case PeerMessageId.Bitfield:
                    PeerMessageWriter.Bitfield(writer, message.Payload);
                    break;
                case PeerMessageId.Extended:
                    PeerMessageWriter.Extended(writer, message.ExtendedId, message.Payload);
                    break;
                case PeerMessageId.HashRequest
                or PeerMessageId.HashReject when HashRange.TryRead(message.Payload, out var range, out _):
                    PeerMessageWriter.HashMessage(writer, message.Id, range);
                    break;
                case PeerMessageId.Hashes
                    when HashRange.TryReadHashes(message.Payload, out var range, out var hashes, out _):
                    PeerMessageWriter.HashMessage(writer, message.Id, range, hashes);
                    break;
                case <= PeerMessageId.NotInterested or PeerMessageId.HaveAll or PeerMessageId.HaveNone:
                    PeerMessageWriter.Plain(writer, message.Id);
                    break;
                default:
                    // No writer exists for these; they only have to be ignored.
                    messages.Write(body);
                    return;
            }
            var written = writer.Written.AsSpan();
            Invariant.Holds(written[PrefixBytes..].SequenceEqual(body));
            messages.Write(written);
        }
    }
}
