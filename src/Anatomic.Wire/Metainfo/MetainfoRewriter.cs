using Anatomic.Wire.Bencoding;

namespace Anatomic.Wire.Metainfo;

/// <summary>Rewrites a .torrent file and keeps unchanged values byte for byte.</summary>
internal sealed class MetainfoRewriter
{
    private readonly SortedDictionary<byte[], ReadOnlyMemory<byte>> entries = new(new ByBytes());

    private sealed class ByBytes : IComparer<byte[]>
    {
        public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
    }

    public MetainfoRewriter(IReadOnlyList<BencodeEntry> kept)
    {
        foreach (var entry in kept)
        {
            // Of two equal keys the first counts, as in reading.
            entries.TryAdd(entry.Key.ToArray(), entry.Value.Raw);
        }
    }

    public MetainfoRewriter Set(ReadOnlySpan<byte> key, ReadOnlyMemory<byte> encoded)
    {
        entries[key.ToArray()] = encoded;
        return this;
    }

    public MetainfoRewriter Apply(MetainfoEdit edit)
    {
        if (edit.AnnounceTiers is { } tiers)
        {
            SetTiers([.. tiers.Where(tier => tier.Count > 0)]);
        }
        if (edit.WebSeeds is { } seeds)
        {
            SetOrRemove("url-list"u8, seeds.Count == 0 ? [] : List(new BencodeWriter(), seeds).ToArray());
        }
        if (edit.Anatomic is { } anatomic)
        {
            SetOrRemove("anatomic"u8, anatomic);
        }
        if (edit.PieceLayers is { } layers)
        {
            SetOrRemove("piece layers"u8, layers.Count == 0 ? [] : Layers(layers));
        }
        return this;
    }

    public byte[] Write()
    {
        var writer = new BencodeWriter().BeginDictionary();
        foreach (var (key, encoded) in entries)
        {
            writer.Key(key).Raw(encoded.Span);
        }
        return writer.End().ToArray();
    }

    private void SetTiers(IReadOnlyList<string>[] tiers)
    {
        SetOrRemove("announce"u8, tiers.Length == 0 ? [] : new BencodeWriter().Text(tiers[0][0]).ToArray());
        // With a single tracker, BEP 12's list adds nothing to "announce".
        if (tiers.Sum(tier => tier.Count) < 2)
        {
            SetOrRemove("announce-list"u8, default);
            return;
        }
        var writer = new BencodeWriter().BeginList();
        foreach (var tier in tiers)
        {
            List(writer, tier);
        }
        SetOrRemove("announce-list"u8, writer.End().ToArray());
    }

    /// <summary>Sets a key, or removes it if the value is empty, which no bencoded value is.</summary>
    private void SetOrRemove(ReadOnlySpan<byte> key, ReadOnlyMemory<byte> encoded)
    {
        if (encoded.IsEmpty)
        {
            entries.Remove(key.ToArray());
        }
        else
        {
            Set(key, encoded);
        }
    }

    private static BencodeWriter List(BencodeWriter writer, IReadOnlyList<string> texts)
    {
        writer.BeginList();
        foreach (var text in texts)
        {
            writer.Text(text);
        }
        return writer.End();
    }

    private static byte[] Layers(IReadOnlyDictionary<Hash32, ReadOnlyMemory<byte>> layers)
    {
        var writer = new BencodeWriter().BeginDictionary();
        foreach (var (root, layer) in layers.OrderBy(entry => entry.Key))
        {
            writer.Key(root.ToArray()).Bytes(layer.Span);
        }
        return writer.End().ToArray();
    }
}
