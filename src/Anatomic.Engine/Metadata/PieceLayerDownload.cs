using System.Numerics;
using System.Runtime.InteropServices;
using Anatomic.Engine.Peers;
using Anatomic.Engine.Torrents;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.Wire.Peers;

namespace Anatomic.Engine.Metadata;

/// <summary>Fetches the piece layers that a magnet's info dictionary does not hold, by hash requests (BEP 52).</summary>
internal sealed class PieceLayerDownload
{
    private readonly TorrentContext torrent;
    private readonly int pieceLayer;
    private readonly Dictionary<Hash32, Layer> layers = [];
    private readonly List<Chunk> chunks = [];
    private readonly HashSet<int> refused = [];

    public PieceLayerDownload(TorrentContext torrent)
    {
        this.torrent = torrent;
        var info = torrent.Info;
        pieceLayer = info.HasV2 ? Merkle.PieceLayer(info.PieceLength) : 0;
        foreach (var file in info.Files)
        {
            if (
                file.PiecesRoot is { } root
                && file.Length > info.PieceLength
                && !torrent.Metainfo!.PieceLayers.ContainsKey(root)
                && !layers.ContainsKey(root)
            )
            {
                AddFile(root, (int)((file.Length + info.PieceLength - 1) / info.PieceLength));
            }
        }
    }

    public bool IsComplete => chunks.TrueForAll(chunk => chunk.IsHere);

    /// <summary>Called when every layer is there and right.</summary>
    public required Action<IReadOnlyDictionary<Hash32, ReadOnlyMemory<byte>>> Complete { get; init; }

    /// <summary>Asks peers for what is lacking.</summary>
    public void Tick(DateTimeOffset now)
    {
        if (IsComplete)
        {
            return;
        }
        foreach (var peer in torrent.Peers)
        {
            if (peer.IsV2 && !refused.Contains(peer.Number))
            {
                Ask(peer, now);
            }
        }
    }

    public void PeerGone(Peer peer)
    {
        refused.Remove(peer.Number);
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
            refused.Add(peer.Number);
        }
    }

    /// <summary>Hashes have come; the fault is the peer's.</summary>
    public Fault? Take(Peer peer, in HashRange range, ReadOnlySpan<byte> hashes)
    {
        if (Find(range) is not { } chunk || chunk.Peer != peer.Number || chunk.IsHere)
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
            return new Fault("the peer's piece hashes do not lead to the file's root");
        }
        var layer = layers[range.Root];
        var count = Math.Min(range.Length, layer.Pieces - range.Index) * Hash32.Length;
        hashes[..count].CopyTo(layer.Bytes.AsSpan(range.Index * Hash32.Length));
        chunk.IsHere = true;
        chunk.Peer = 0;
        if (IsComplete)
        {
            Complete(layers.ToDictionary(entry => entry.Key, entry => (ReadOnlyMemory<byte>)entry.Value.Bytes));
        }
        else
        {
            Ask(peer, torrent.Now);
        }
        return null;
    }

    private void AddFile(Hash32 root, int pieces)
    {
        layers.Add(root, new Layer(pieces, new byte[pieces * Hash32.Length]));
        var width = (int)BitOperations.RoundUpToPowerOf2((uint)pieces);
        var length = Math.Min(width, EngineLimits.HashesPerRequest);
        // With all of the layer asked for there is nothing to prove; else uncles up to just below the root.
        var proof = length == width ? 0 : BitOperations.Log2((uint)width) - 1;
        for (var index = 0; index < pieces; index += length)
        {
            chunks.Add(new Chunk(new HashRange(root, pieceLayer, index, length, proof)));
        }
    }

    private Chunk? Find(HashRange range) => chunks.Find(chunk => chunk.Range == range);

    private void Ask(Peer peer, DateTimeOffset now)
    {
        var underWay = chunks.Count(chunk => chunk.Peer == peer.Number);
        foreach (var chunk in CollectionsMarshal.AsSpan(chunks))
        {
            if (underWay >= EngineLimits.MaxHashRequests)
            {
                break;
            }
            if (chunk.IsHere || (chunk.Peer != 0 && now - chunk.AskedAt < EngineLimits.MetadataRequestTimeout))
            {
                continue;
            }
            chunk.Peer = peer.Number;
            chunk.AskedAt = now;
            underWay++;
            PeerMessageWriter.HashMessage(peer.Wire.Out, PeerMessageId.HashRequest, chunk.Range);
        }
        peer.Wire.Flush();
    }

    private sealed record Layer(int Pieces, byte[] Bytes);

    private sealed class Chunk(HashRange range)
    {
        public HashRange Range { get; } = range;
        public int Peer { get; set; }
        public DateTimeOffset AskedAt { get; set; }
        public bool IsHere { get; set; }
    }
}
