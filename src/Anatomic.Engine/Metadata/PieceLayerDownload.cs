using System.Numerics;
using System.Runtime.InteropServices;
using Anatomic.Engine.Peers;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.Wire.Peers;

namespace Anatomic.Engine.Metadata;

/// <summary>
/// Downloads the piece layers of a v2 torrent with hash requests (BEP 52). A magnet link's info dictionary does not
/// contain them.
/// </summary>
internal sealed class PieceLayerDownload
{
    private readonly PeerSet peers;
    private readonly int baseLayer;
    private readonly Dictionary<Hash32, Layer> layers = [];
    private readonly List<Chunk> chunks = [];
    private readonly Dictionary<int, DateTimeOffset> rejectedBy = [];

    // Peers that let a request time out; asked only for what no other peer is asked for.
    private readonly HashSet<int> slow = [];
    private DateTimeOffset present;

    public PieceLayerDownload(PeerSet peers, TorrentMetainfo metainfo)
    {
        this.peers = peers;
        var info = metainfo.Info;
        baseLayer = info.HasV2 ? Merkle.PieceLayer(info.PieceLength) : 0;
        foreach (var file in info.Files)
        {
            if (
                file.PiecesRoot is { } root
                && file.Length > info.PieceLength
                && !metainfo.PieceLayers.ContainsKey(root)
                && !layers.ContainsKey(root)
            )
            {
                AddFile(root, (int)((file.Length + info.PieceLength - 1) / info.PieceLength));
            }
        }
    }

    public bool IsComplete => chunks.TrueForAll(chunk => chunk.IsReceived);

    /// <summary>Called with all layers once they are received and verified.</summary>
    public required Action<IReadOnlyDictionary<Hash32, ReadOnlyMemory<byte>>> Completed { get; init; }

    /// <summary>Requests missing hashes from peers.</summary>
    public void Tick(DateTimeOffset now)
    {
        present = now;
        if (IsComplete)
        {
            return;
        }
        foreach (var chunk in chunks)
        {
            if (chunk.Peer != 0 && now - chunk.RequestedAt >= EngineLimits.HashRequestTimeout)
            {
                slow.Add(chunk.Peer);
                chunk.Peer = 0;
            }
        }
        SendRequests(now, toSlow: false);
        SendRequests(now, toSlow: true);
    }

    public void PeerDisconnected(Peer peer)
    {
        rejectedBy.Remove(peer.Number);
        slow.Remove(peer.Number);
        foreach (var chunk in chunks)
        {
            if (chunk.Peer == peer.Number)
            {
                chunk.Peer = 0;
            }
        }
    }

    public void Rejected(Peer peer, in HashRange range)
    {
        if (Find(range) is { } chunk && chunk.Peer == peer.Number)
        {
            chunk.Peer = 0;
            rejectedBy[peer.Number] = present + EngineLimits.HashRejectionPause;
        }
    }

    /// <summary>Verifies and stores received hashes. A fault means that the peer sent wrong ones.</summary>
    public Fault? Receive(Peer peer, in HashRange range, ReadOnlySpan<byte> hashes)
    {
        if (Find(range) is not { } chunk || chunk.Peer != peer.Number || chunk.IsReceived)
        {
            return null;
        }
        var all = new Hash32[hashes.Length / Hash32.Length];
        for (var i = 0; i < all.Length; i++)
        {
            all[i] = new Hash32(hashes[(i * Hash32.Length)..]);
        }
        if (!Merkle.Proves(range.Root, range.Index, all.AsSpan(0, range.Length), all.AsSpan(range.Length)))
        {
            return new Fault("the peer's piece hashes do not match the file's root hash");
        }
        slow.Remove(peer.Number);
        // We asked for them, and they are right.
        peer.Cost.Charge(CostKind.Hashes, -MessageCosts.OfHashes(hashes.Length));
        var layer = layers[range.Root];
        var count = Math.Min(range.Length, layer.PieceCount - range.Index) * Hash32.Length;
        hashes[..count].CopyTo(layer.Bytes.AsSpan(range.Index * Hash32.Length));
        chunk.IsReceived = true;
        chunk.Peer = 0;
        if (IsComplete)
        {
            Completed(layers.ToDictionary(entry => entry.Key, entry => (ReadOnlyMemory<byte>)entry.Value.Bytes));
        }
        else
        {
            SendRequests(peer, present);
        }
        return null;
    }

    private void AddFile(Hash32 root, int pieceCount)
    {
        layers.Add(root, new Layer(pieceCount, new byte[pieceCount * Hash32.Length]));
        var width = (int)BitOperations.RoundUpToPowerOf2((uint)pieceCount);
        var length = Math.Min(width, EngineLimits.HashesPerRequest);
        // A request for the whole layer needs no proof; any other needs the uncle hashes up to just below the root.
        var proofLayers = length == width ? 0 : BitOperations.Log2((uint)width) - 1;
        for (var index = 0; index < pieceCount; index += length)
        {
            chunks.Add(new Chunk(new HashRange(root, baseLayer, index, length, proofLayers)));
        }
    }

    private Chunk? Find(HashRange range) => chunks.Find(chunk => chunk.Range == range);

    private void SendRequests(DateTimeOffset now, bool toSlow)
    {
        foreach (var peer in peers)
        {
            var isPaused = rejectedBy.TryGetValue(peer.Number, out var until) && now < until;
            if (peer.IsV2 && slow.Contains(peer.Number) == toSlow && !isPaused)
            {
                SendRequests(peer, now);
            }
        }
    }

    private void SendRequests(Peer peer, DateTimeOffset now)
    {
        var outstanding = chunks.Count(chunk => chunk.Peer == peer.Number);
        foreach (var chunk in CollectionsMarshal.AsSpan(chunks))
        {
            if (outstanding >= EngineLimits.MaxHashRequests)
            {
                break;
            }
            if (chunk.IsReceived || chunk.Peer != 0)
            {
                continue;
            }
            chunk.Peer = peer.Number;
            chunk.RequestedAt = now;
            outstanding++;
            PeerMessageWriter.HashMessage(peer.Connection.Output, PeerMessageId.HashRequest, chunk.Range);
        }
        peer.Connection.Flush();
    }

    private sealed record Layer(int PieceCount, byte[] Bytes);

    /// <summary>A part of a layer that is fetched with one request.</summary>
    private sealed class Chunk(HashRange range)
    {
        public HashRange Range { get; } = range;

        /// <summary>The peer it is requested from; 0 when it is not requested.</summary>
        public int Peer { get; set; }
        public DateTimeOffset RequestedAt { get; set; }
        public bool IsReceived { get; set; }
    }
}
