using System.Security.Cryptography;
using Anatomic.Engine.Extensions;
using Anatomic.Engine.Limits;
using Anatomic.Engine.Peers;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.Wire.Peers;
using Anatomic.World;

namespace Anatomic.Engine.Metadata;

/// <summary>Downloads the info dictionary of a magnet link from peers and serves it to other peers (BEP 9).</summary>
internal sealed class MetadataExchange
{
    private readonly PeerSet peers;
    private readonly Hash20? hashV1;
    private readonly Hash32? hashV2;
    private readonly IWorld world;
    private readonly Extension extension;
    private readonly MetadataDownload download;

    /// <param name="extensions">Where the messages are registered.</param>
    /// <param name="peers">The connected peers.</param>
    /// <param name="hashV1">
    /// The v1 info-hash; null when the torrent has none, or the magnet link does not name it.
    /// </param>
    /// <param name="hashV2">
    /// The v2 info-hash; null when the torrent has none, or the magnet link does not name it.
    /// </param>
    /// <param name="memory">The session's memory for metadata, in bytes.</param>
    /// <param name="world">Where metadata is hashed.</param>
    public MetadataExchange(
        ExtensionRegistry extensions,
        PeerSet peers,
        Hash20? hashV1,
        Hash32? hashV2,
        SharedBudget memory,
        IWorld world
    )
    {
        this.peers = peers;
        this.hashV1 = hashV1;
        this.hashV2 = hashV2;
        this.world = world;
        extension = extensions.Register("ut_metadata", Handle);
        download = new MetadataDownload(memory)
        {
            Ask = (number, piece) => Send(number, MetadataMessage.Request(piece)),
            Drop = (number, reason) => peers.Find(number)?.Drop(reason),
        };
    }

    /// <summary>The info dictionary that is served to peers; null while it is downloaded.</summary>
    public TorrentInfo? Info { get; set; }

    /// <summary>Returns the time by which the torrent is driven; it does not jump with the wall clock.</summary>
    public required Func<DateTimeOffset> Now { get; init; }

    /// <summary>Called with the verified info dictionary.</summary>
    public required Action<TorrentInfo> Completed { get; init; }

    /// <summary>
    /// Called when the info dictionary matches its hash but cannot be used; the torrent cannot continue.
    /// </summary>
    public required Action<string> Failed { get; init; }

    /// <summary>Called with an address that sent wrong metadata, and the reason for the user.</summary>
    public required Action<Endpoint, string> BadSourceFound { get; init; }

    /// <summary>Requests pieces and enforces timeouts while the metadata is unknown; called once per second.</summary>
    public void Tick(DateTimeOffset now)
    {
        if (Info is null)
        {
            download.Tick(now);
        }
    }

    /// <summary>
    /// Adds a peer to the download if it announced the metadata; called after each extended handshake.
    /// </summary>
    public void HandshakeReceived(Peer peer)
    {
        if (Info is null && extension.IsSupportedBy(peer) && peer.Extended is { MetadataBytes: { } length })
        {
            download.Add(peer.Number, peer.Remote, length, Now());
            peer.Connection.Flush();
        }
    }

    public void PeerDisconnected(Peer peer) => download.Remove(peer.Number);

    /// <summary>Frees the memory of a download that is not complete.</summary>
    public void Close() => download.Clear();

    /// <summary>Handles a metadata message. A fault ends the connection.</summary>
    private Fault? Handle(Peer peer, ReadOnlyMemory<byte> payload)
    {
        if (!MetadataMessage.TryRead(payload, out var message, out var fault))
        {
            return fault;
        }
        switch (message.Kind)
        {
            case MetadataKind.Request:
                Respond(peer, message.Piece);
                return null;
            case MetadataKind.Data when Info is null:
                if (download.Receive(peer.Number, message, Now(), out fault) is { } assembly)
                {
                    _ = VerifyAsync(assembly);
                }
                return fault;
            case MetadataKind.Reject when Info is null:
                download.Rejected(peer.Number, message.Piece, Now());
                return null;
            default:
                return null;
        }
    }

    /// <summary>Compares a complete assembly with the info-hashes, on a worker: it has up to 32 MiB.</summary>
    private async Task VerifyAsync(MetadataAssembly assembly)
    {
        try
        {
            var joined = assembly.Join();
            var matches = await world.Workers.RunAsync(() => MatchesHashes(joined));
            if (Info is not null)
            {
                return;
            }
            if (matches)
            {
                Accept(joined);
            }
            else if (download.HashWrong(assembly, Now()) is { } sender)
            {
                BadSourceFound(sender, "the peer's metadata does not match the info-hash");
            }
        }
        catch (Exception bug)
        {
            Failed(bug.Message);
        }
    }

    private void Accept(byte[] bytes)
    {
        foreach (var sender in download.HashRight(bytes))
        {
            BadSourceFound(sender, "the peer sent wrong metadata");
        }
        if (TorrentInfo.TryRead(bytes, out var info, out var unusable))
        {
            Info = info;
            Completed(info);
        }
        else
        {
            Failed($"the metadata cannot be used: {unusable}");
        }
    }

    private bool MatchesHashes(ReadOnlySpan<byte> info) =>
        (hashV1 is not { } v1 || new Hash20(SHA1.HashData(info)) == v1)
        && (hashV2 is not { } v2 || new Hash32(SHA256.HashData(info)) == v2);

    private void Respond(Peer peer, int piece)
    {
        var begin = (long)piece * PeerLimits.MetadataPieceBytes;
        var raw = Info?.Raw ?? default;
        var response = MetadataMessage.Reject(piece);
        if (begin < raw.Length)
        {
            var length = Math.Min(PeerLimits.MetadataPieceBytes, raw.Length - (int)begin);
            response = new MetadataMessage(MetadataKind.Data, piece, raw.Length, raw.Slice((int)begin, length));
        }
        extension.TrySend(peer, response.Write());
    }

    private void Send(int number, in MetadataMessage message)
    {
        if (peers.Find(number) is { } peer && extension.TrySend(peer, message.Write()))
        {
            peer.Connection.Flush();
        }
    }
}
