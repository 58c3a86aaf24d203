using Anatomic.Wire;
using Anatomic.Wire.Peers;

namespace Anatomic.Engine.Peers;

/// <summary>
/// What each message costs, by what it makes us do, in the units of <see cref="PeerCost"/>. Haves that are new and
/// requested blocks cost nothing: their number is limited by the torrent.
/// </summary>
internal static class MessageCosts
{
    /// <summary>A have of a piece that was announced before; only a faulty client sends it.</summary>
    public const int RepeatedHave = 5;

    /// <summary>A block that we did not request. A few are normal: they cross our cancels.</summary>
    public const int UnrequestedBlock = 50;

    /// <summary>A read of <see cref="EngineLimits.ReadExtentBytes"/>; one whole block pays for it.</summary>
    public const int DiskRead = 64;

    /// <summary>
    /// A request for a few bytes inside a piece. No client needs it, and each can cause a read of a whole extent.
    /// </summary>
    public const int TinyRequest = 2_000;

    /// <summary>Requests below this are tiny unless they end a file or a piece.</summary>
    public const int TinyRequestBytes = 1024;

    /// <summary>Hashes that are computed for one unit: SHA-256 of 64 bytes takes about 250 ns.</summary>
    public const int HashesPerUnit = 4;

    /// <summary>Bytes of an answer for one unit: a piece of metadata costs what a block of its size earns.</summary>
    public const int AnswerBytesPerUnit = 256;

    private const int Plain = 1;
    private const int Interest = 10; // counts the unchoked peers, and answers
    private const int Choke = 5; // releases the outstanding requests
    private const int Request = 5; // a search of the allowed pieces, and a rejection
    private const int Cancel = 5; // one look-up, and a rejection
    private const int Reject = 20; // a search of the outstanding requests, and a new pick
    private const int Handshake = 200; // parses a dictionary
    private const int ExtendedBytesPerUnit = 100; // bencoding is parsed at 100 MB/s
    private const int Metadata = 10; // parses a dictionary of two or three numbers
    private const int HashRequest = 100; // validates the range, copies the hashes
    private const int AllPieces = 10;
    private const int PiecesPerUnit = 16; // about 60 ns a piece: uncounted, counted, and compared with what we want

    /// <summary>The cost of received hashes.</summary>
    public static int OfHashes(int bytes) => HashRequest + (bytes / Hash32.Length / HashesPerUnit);

    /// <summary>The cost of a message from a peer of a torrent with so many pieces; 0 before they are known.</summary>
    public static (CostKind Kind, int Cost) Of(in PeerMessage message, int pieceCount) =>
        message.Id switch
        {
            PeerMessageId.Have or PeerMessageId.Piece => (CostKind.Message, 0),
            PeerMessageId.HaveAll or PeerMessageId.HaveNone => (
                CostKind.Pieces,
                AllPieces + (pieceCount / PiecesPerUnit)
            ),
            PeerMessageId.Bitfield => (CostKind.Pieces, AllPieces + (message.Payload.Length * 8 / PiecesPerUnit)),
            PeerMessageId.Request => (CostKind.Request, Request),
            PeerMessageId.Cancel => (CostKind.Cancel, Cancel),
            PeerMessageId.RejectRequest => (CostKind.Reject, Reject),
            PeerMessageId.Interested or PeerMessageId.NotInterested => (CostKind.Interest, Interest),
            PeerMessageId.Choke or PeerMessageId.Unchoke => (CostKind.Interest, Choke),
            PeerMessageId.Extended when message.ExtendedId == 0 => (
                CostKind.Handshake,
                Handshake + (message.Payload.Length / ExtendedBytesPerUnit)
            ),
            PeerMessageId.Extended => (CostKind.Metadata, Metadata + (message.Payload.Length / ExtendedBytesPerUnit)),
            PeerMessageId.HashRequest or PeerMessageId.HashReject => (CostKind.Hashes, HashRequest),
            PeerMessageId.Hashes => (CostKind.Hashes, OfHashes(message.Payload.Length)),
            _ => (CostKind.Message, Plain + (message.Payload.Length / ExtendedBytesPerUnit)),
        };
}
