using System.Buffers.Binary;
using Anatomic.Engine.Extensions;
using Anatomic.Engine.Metadata;
using Anatomic.Engine.Peers;
using Anatomic.Wire;
using Anatomic.Wire.Peers;

namespace Anatomic.Engine.Torrents;

/// <summary>
/// The extended handshakes of a torrent's peers (BEP 10), and the small extensions that change a peer's state: upload
/// only (BEP 21) and don't have (BEP 54).
/// </summary>
internal sealed class PeerExtensions
{
    private readonly TorrentContext torrent;
    private readonly MetadataExchange metadata;
    private readonly PeerList addresses;
    private readonly Extension uploadOnly;
    private readonly Extension dontHave;
    private bool isUploadOnly;

    public PeerExtensions(TorrentContext torrent, MetadataExchange metadata, PeerList addresses)
    {
        this.torrent = torrent;
        this.metadata = metadata;
        this.addresses = addresses;
        uploadOnly = torrent.Extensions.Register("upload_only", UploadOnlyReceived);
        dontHave = torrent.Extensions.Register("lt_donthave", DontHaveReceived);
    }

    /// <summary>Called when a peer lost a piece that it had.</summary>
    public required Action<Peer, PieceIndex> PieceLost { get; init; }

    /// <summary>Whether we have all wanted pieces and only upload (BEP 21). Setting it informs all peers.</summary>
    public bool IsUploadOnly
    {
        get => isUploadOnly;
        set
        {
            if (isUploadOnly == value)
            {
                return;
            }
            isUploadOnly = value;
            foreach (var peer in torrent.Peers)
            {
                SendUploadOnly(peer);
            }
        }
    }

    public void SendHandshake(Peer peer)
    {
        if (peer.IsExtended)
        {
            PeerMessageWriter.Extended(peer.Connection.Output, 0, LocalHandshake().Write());
        }
    }

    /// <summary>Tells the peers that we lost a piece; those that do not know BEP 54 would ask in vain.</summary>
    public void SendDontHave(PieceIndex piece)
    {
        Span<byte> payload = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(payload, piece.Value);
        foreach (var peer in torrent.Peers)
        {
            if (dontHave.TrySend(peer, payload))
            {
                peer.Connection.Flush();
            }
        }
    }

    /// <summary>Handles an extended message. A fault ends the connection.</summary>
    public Fault? Receive(Peer peer, int id, ReadOnlySpan<byte> payload) =>
        id == 0 ? HandshakeReceived(peer, payload.ToArray()) : torrent.Extensions.Receive(peer, id, payload);

    private ExtendedHandshake LocalHandshake() =>
        new()
        {
            Extensions = torrent.Extensions.LocalIds,
            MetadataBytes = torrent.Metainfo?.Info.Raw.Length,
            Client = "Anatomic 0.1",
            Port = torrent.Shared.Port == 0 ? null : torrent.Shared.Port,
            RequestQueue = EngineLimits.MaxIncomingRequests,
            UploadOnly = isUploadOnly ? true : null,
        };

    private Fault? HandshakeReceived(Peer peer, ReadOnlyMemory<byte> payload)
    {
        if (!ExtendedHandshake.TryRead(payload, out var handshake, out var fault))
        {
            return fault;
        }
        peer.Extended = handshake.After(peer.Extended);
        peer.Blocks.Window.SetMaxSize(peer.Extended.RequestQueue ?? EngineLimits.DefaultRequestQueue);
        if (peer.Extended.Port is { } port && peer.Candidate is null)
        {
            peer.Candidate = addresses.Claim(peer.Remote.WithPort(port));
        }
        metadata.HandshakeReceived(peer);
        return null;
    }

    private void SendUploadOnly(Peer peer)
    {
        if (peer.IsExtended && !uploadOnly.TrySend(peer, [isUploadOnly ? (byte)1 : (byte)0]))
        {
            // A handshake may be repeated with what changed (BEP 10, BEP 21).
            var change = new ExtendedHandshake { UploadOnly = isUploadOnly };
            PeerMessageWriter.Extended(peer.Connection.Output, 0, change.Write());
        }
        peer.Connection.Flush();
    }

    private static Fault? UploadOnlyReceived(Peer peer, ReadOnlyMemory<byte> payload)
    {
        if (payload.Length != 1)
        {
            return new Fault($"an upload_only message has {payload.Length:N0} bytes instead of 1");
        }
        peer.Extended = (peer.Extended ?? new ExtendedHandshake()) with { UploadOnly = payload.Span[0] != 0 };
        return null;
    }

    private Fault? DontHaveReceived(Peer peer, ReadOnlyMemory<byte> payload)
    {
        if (payload.Length != 4)
        {
            return new Fault($"a donthave message has {payload.Length:N0} bytes instead of 4");
        }
        var index = BinaryPrimitives.ReadInt32BigEndian(payload.Span);
        if (peer.Pieces is not { } pieces)
        {
            // Before the metadata is known; the peer will reject the requests.
            return null;
        }
        if (index < 0 || index >= pieces.Count)
        {
            return new Fault($"the peer lost piece {index:N0} of {pieces.Count:N0}");
        }
        if (pieces.Remove(new PieceIndex(index)))
        {
            PieceLost(peer, new PieceIndex(index));
        }
        return null;
    }
}
