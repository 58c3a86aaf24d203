using Anatomic.Engine.Metadata;
using Anatomic.Engine.Peers;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Engine.Torrents;

/// <summary>The peers of a running torrent, and what is exchanged with them. An idle torrent has none.</summary>
internal sealed class TorrentSwarm
{
    private readonly CancellationTokenSource stopping;
    private readonly MetadataExchange metadata;
    private PieceLayerDownload? pieceLayers;

    public TorrentSwarm(
        SharedResources shared,
        ILoop loop,
        TorrentIdentity identity,
        PeerList addresses,
        CancellationToken stop
    )
    {
        stopping = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Context = new TorrentContext(shared, loop, stopping.Token)
        {
            HashV1 = identity.HashV1,
            HashV2 = identity.HashV2,
            Metainfo = identity.Metainfo,
        };
        metadata = new MetadataExchange(
            Context.Extensions,
            Context.Peers,
            identity.HashV1,
            identity.HashV2,
            shared.MetadataMemory,
            shared.World
        )
        {
            Now = () => shared.Now,
            BadSourceFound = (address, reason) => Connections!.Ban(address, reason),
            Info = identity.Metainfo?.Info,
            Completed = info => MetadataCompleted!(info),
            Failed = reason => Failed!(reason),
        };
        Messages = new PeerMessageHandler(Context, metadata, addresses);
        Connections = new PeerConnections(Context, Messages, addresses) { IsAccepting = () => IsAccepting!() };
        if (identity.Metainfo is not null)
        {
            StartPieceLayers(identity.Metainfo);
        }
    }

    public TorrentContext Context { get; }
    public PeerMessageHandler Messages { get; }
    public PeerConnections Connections { get; }

    /// <summary>Called with the verified info dictionary of a magnet link.</summary>
    public required Action<TorrentInfo> MetadataCompleted { get; init; }

    /// <summary>Called with the metainfo that contains the downloaded piece layers.</summary>
    public required Action<TorrentMetainfo> PieceLayersCompleted { get; init; }

    /// <summary>Whether incoming connections are accepted in the torrent's present state.</summary>
    public required Func<bool> IsAccepting { get; init; }

    /// <summary>Called with the reason when the torrent cannot continue.</summary>
    public required Action<string> Failed { get; init; }

    /// <summary>Whether the data can be checked: the metadata is known, and v1 or all v2 hashes.</summary>
    public bool CanCheck => Context.Metainfo is { } known && (known.Info.HasV1 || pieceLayers is null);

    /// <summary>No peer is connected.</summary>
    public bool IsEmpty => Context.Peers.Count == 0 && !Connections.IsBusy;

    /// <summary>Sets the metainfo that was downloaded, and starts to download missing piece layers.</summary>
    public void SetMetainfo(TorrentMetainfo metainfo)
    {
        Context.Metainfo = metainfo;
        Context.HashV1 = metainfo.Info.HashV1;
        Context.HashV2 = metainfo.Info.HashV2;
        StartPieceLayers(metainfo);
        pieceLayers?.Tick(Context.Now);
    }

    /// <summary>Drives the connections and downloads of metadata.</summary>
    public void Tick(DateTimeOffset now)
    {
        Context.Down.Tick(now);
        Context.Up.Tick(now);
        Connections.Tick(now);
        metadata.Tick(now);
        pieceLayers?.Tick(now);
    }

    /// <summary>Ends all running operations of the swarm.</summary>
    public void Cancel() => stopping.Cancel();

    /// <summary>Drops all peers with a reason, and waits until their connections are closed.</summary>
    public async Task CloseAsync()
    {
        metadata.Close();
        await Connections.CloseAsync();
        stopping.Dispose();
    }

    /// <summary>
    /// Downloads missing piece layers. A v2 torrent cannot be checked without them; a hybrid torrent continues with v1
    /// and downloads them to serve them to others.
    /// </summary>
    private void StartPieceLayers(TorrentMetainfo metainfo)
    {
        if (!metainfo.Info.HasV2 || metainfo.HasAllPieceLayers)
        {
            Messages.Hashes = metainfo.Info.HasV2 ? new HashResponder(metainfo, Context.World.Workers) : null;
            return;
        }
        pieceLayers = new PieceLayerDownload(Context.Peers, metainfo) { Completed = LayersReceived };
        Messages.PieceLayers = pieceLayers;
    }

    private void LayersReceived(IReadOnlyDictionary<Hash32, ReadOnlyMemory<byte>> layers)
    {
        if (!Context.Metainfo!.TryWithPieceLayers(layers, out var complete, out var invalid))
        {
            Failed($"the piece layers cannot be used: {invalid}");
            return;
        }
        Context.Metainfo = complete;
        Messages.Hashes = new HashResponder(complete, Context.World.Workers);
        Messages.PieceLayers = pieceLayers = null;
        PieceLayersCompleted(complete);
    }
}
