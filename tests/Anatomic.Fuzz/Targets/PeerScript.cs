using System.Buffers;
using System.Buffers.Binary;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.Wire.Peers;

namespace Anatomic.Fuzz.Targets;

/// <summary>
/// Reads an input as a script of messages: a byte selects the kind, the following ones its values. Values are mostly
/// plausible for the torrent, as a message with any piece index would nearly always be rejected at once.
/// </summary>
internal sealed class PeerScript(ReadOnlyMemory<byte> script, TorrentMetainfo metainfo, byte[] content)
{
    /// <summary>Number of kinds of steps.</summary>
    public const int Kinds = 24;

    private const byte MetadataId = 1; // of the extended handshake that the engine sends and we repeat
    private const int ShortBlockBytes = 100;
    private readonly Queue<BlockRange> requested = new();
    private int at;

    public bool IsAtEnd => at >= script.Length;

    /// <summary>How long to wait before the next step.</summary>
    public TimeSpan Pause { get; private set; }

    private TorrentInfo Info => metainfo.Info;

    /// <summary>Remembers what the torrent wants from us.</summary>
    public void Received(in PeerMessage message)
    {
        const int most = 4096;
        if (message.Id == PeerMessageId.Request && requested.Count < most)
        {
            requested.Enqueue(message.Block);
        }
    }

    /// <summary>Writes the next step.</summary>
    public void Next(ArrayBufferWriter<byte> output)
    {
        Pause = TimeSpan.Zero;
        var kind = Byte() % Kinds;
        switch (kind)
        {
            case <= (int)PeerMessageId.NotInterested:
                PeerMessageWriter.Plain(output, (PeerMessageId)kind);
                break;
            case 4:
                PeerMessageWriter.Index(output, PeerMessageId.Have, Piece());
                break;
            case 5:
                WriteBitfield(output);
                break;
            case 6 or 8 or 16:
                Repeat(output, (PeerMessageId)kind);
                break;
            case 7 or 9 or 10:
                Answer(output, right: kind != 10, count: kind == 9 ? 64 : 1);
                break;
            case 11:
                WriteBlock(output, Block() with { Length = ShortBlockBytes }, new byte[ShortBlockBytes]);
                break;
            case 13 or 17:
                PeerMessageWriter.Index(output, (PeerMessageId)kind, Piece());
                break;
            case 14 or 15:
                for (var count = 1 + (Byte() % 8); count > 0; count--)
                {
                    PeerMessageWriter.Plain(output, (PeerMessageId)kind);
                }
                break;
            case 12:
                Reject(output);
                break;
            case 18:
                WriteHandshake(output);
                break;
            case 19:
                WriteMetadata(output);
                break;
            case 20 or 21:
                WriteHashes(output, kind == 20);
                break;
            case 22:
                Pause = TimeSpan.FromMilliseconds(Byte() is < 250 and var some ? some * 4 : 70_000);
                break;
            default:
                WriteRaw(output);
                break;
        }
    }

    private byte Byte() => at < script.Length ? script.Span[at++] : (byte)0;

    /// <summary>Mostly a piece of the torrent; some bytes give the first one behind its end, or any number.</summary>
    private PieceIndex Piece() =>
        Byte() switch
        {
            255 => new PieceIndex(int.MaxValue),
            254 => new PieceIndex(Info.PieceCount),
            var some => new PieceIndex(some % Info.PieceCount),
        };

    private BlockRange Block()
    {
        var piece = Piece();
        var begin = Byte() switch
        {
            255 => int.MaxValue,
            var some => some % 4 * PeerLimits.BlockBytes,
        };
        var length = Byte() switch
        {
            0 => 0,
            1 => 1,
            254 => PeerLimits.MaxRequestBytes,
            255 => int.MaxValue,
            < 64 and var some => some,
            _ => PeerLimits.BlockBytes,
        };
        return new BlockRange(piece, begin, length);
    }

    private void WriteBitfield(ArrayBufferWriter<byte> output)
    {
        var bits = new byte[(Info.PieceCount + 7) / 8];
        Array.Fill(bits, Byte());
        if (Byte() < 240)
        {
            bits[^1] &= (byte)(0xff << ((8 - (Info.PieceCount % 8)) % 8));
        }
        PeerMessageWriter.Bitfield(output, bits);
    }

    /// <summary>Up to a few thousand requests or cancels of one block, or of many.</summary>
    private void Repeat(ArrayBufferWriter<byte> output, PeerMessageId id)
    {
        var block = Block();
        var (count, step) = (1 << (Byte() % 12), Byte() % 2);
        for (var i = 0; i < count; i++)
        {
            PeerMessageWriter.Block(output, id, block with { Length = block.Length == 1 ? 1 + (i % 2) : block.Length });
            block = block with { Begin = unchecked(block.Begin + step) };
        }
    }

    /// <summary>
    /// Answers requests. Only the first half of the torrent is ever right, so that it never completes.
    /// </summary>
    private void Answer(ArrayBufferWriter<byte> output, bool right, int count)
    {
        for (; count > 0 && requested.TryDequeue(out var block); count--)
        {
            var offset = ((long)block.Piece.Value * Info.PieceLength) + block.Begin;
            var isRight = right && block.Piece.Value < Info.PieceCount / 2 && offset + block.Length <= content.Length;
            WriteBlock(output, block, isRight ? content.AsSpan((int)offset, block.Length) : new byte[block.Length]);
        }
    }

    private static void WriteBlock(ArrayBufferWriter<byte> output, BlockRange block, ReadOnlySpan<byte> bytes)
    {
        PeerMessageWriter.PiecePrefix(output.GetSpan(PeerMessageWriter.PiecePrefixBytes), block);
        output.Advance(PeerMessageWriter.PiecePrefixBytes);
        output.Write(bytes);
    }

    private void Reject(ArrayBufferWriter<byte> output)
    {
        for (var count = 1 + Byte(); count > 0 && requested.TryDequeue(out var block); count--)
        {
            PeerMessageWriter.Block(output, PeerMessageId.RejectRequest, block);
        }
    }

    private void WriteHandshake(ArrayBufferWriter<byte> output)
    {
        var bytes = new ExtendedHandshake
        {
            Extensions = new Dictionary<string, byte> { ["ut_metadata"] = MetadataId, ["lt_donthave"] = 2 },
            MetadataBytes = Byte() switch
            {
                < 128 => Info.Raw.Length,
                255 => PeerLimits.MaxMetadataBytes,
                var some => some,
            },
            RequestQueue = Byte() << (Byte() % 24),
            UploadOnly = Byte() > 128,
        };
        PeerMessageWriter.Extended(output, 0, bytes.Write());
    }

    private void WriteMetadata(ArrayBufferWriter<byte> output)
    {
        var kind = (MetadataKind)(Byte() % 4);
        var piece = Byte() % 4;
        var begin = Math.Min(piece * PeerLimits.MetadataPieceBytes, Info.Raw.Length);
        var data = Info.Raw[begin..Math.Min(Info.Raw.Length, begin + PeerLimits.MetadataPieceBytes)];
        var message = new MetadataMessage
        {
            Kind = kind,
            Piece = piece,
            TotalBytes = Byte() < 200 ? Info.Raw.Length : 16 * Byte(),
            Data =
                kind == MetadataKind.Data
                    ? Byte() < 200
                        ? data
                        : new byte[data.Length]
                    : default,
        };
        PeerMessageWriter.Extended(output, MetadataId, message.Write());
    }

    private void WriteHashes(ArrayBufferWriter<byte> output, bool isRequest)
    {
        var roots = Info
            .Files.Where(file => file.PiecesRoot is not null)
            .Select(file => file.PiecesRoot!.Value)
            .ToList();
        var range = new HashRange(
            roots.Count > 0 ? roots[Byte() % roots.Count] : default,
            Byte() % 4,
            Byte() % 8 * (1 << (Byte() % 4)),
            1 << (Byte() % 14),
            Byte() % 20
        );
        for (var count = 1 << (Byte() % 8); count > 0; count--)
        {
            if (isRequest)
            {
                PeerMessageWriter.HashMessage(output, PeerMessageId.HashRequest, range);
            }
            else
            {
                PeerMessageWriter.HashMessage(output, PeerMessageId.Hashes, range, new byte[Byte() * Hash32.Length]);
            }
        }
    }

    private void WriteRaw(ArrayBufferWriter<byte> output)
    {
        var length = Math.Min(Byte(), script.Length - at);
        if (Byte() < 200)
        {
            BinaryPrimitives.WriteInt32BigEndian(output.GetSpan(4), length);
            output.Advance(4);
        }
        length = Math.Min(length, script.Length - at);
        output.Write(script.Span.Slice(at, length));
        at += length;
    }
}
