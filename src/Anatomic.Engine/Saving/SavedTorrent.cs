using Anatomic.Engine.Settings;
using Anatomic.Wire;
using Anatomic.Wire.Bencoding;

namespace Anatomic.Engine.Saving;

/// <summary>A torrent as the session keeps it. Its metainfo and its resume data have records of their own.</summary>
internal sealed record SavedTorrent
{
    /// <summary>The v1 info-hash; null when the torrent has none or it is not known yet.</summary>
    public required Hash20? HashV1 { get; init; }

    /// <summary>The v2 info-hash; null when the torrent has none or it is not known yet.</summary>
    public required Hash32? HashV2 { get; init; }

    public required TorrentSettings Settings { get; init; }

    public required TorrentTotals Totals { get; init; }

    /// <summary>The record's key. It stays the same when a magnet link's second info-hash becomes known.</summary>
    public required Hash20 Key { get; init; }

    /// <summary>The torrent's own name; empty while it is not known.</summary>
    public required string Name { get; init; }

    /// <summary>Bytes of all wanted pieces, and of those that were verified at the last save.</summary>
    public long WantedBytes { get; init; }

    public long DoneBytes { get; init; }

    public byte[] Write()
    {
        var writer = new BencodeWriter().BeginDictionary();
        writer.Key("done"u8).Integer(DoneBytes).Key("name"u8).Text(Name);
        TorrentSettingsCodec.Write(writer.Key("settings"u8), Settings);
        Totals.Write(writer.Key("totals"u8));
        if (HashV1 is { } v1)
        {
            writer.Key("v1"u8).Bytes(v1.ToArray());
        }
        if (HashV2 is { } v2)
        {
            writer.Key("v2"u8).Bytes(v2.ToArray());
        }
        return writer.Key("wanted"u8).Integer(WantedBytes).End().ToArray();
    }

    /// <summary>Reads a record; null when it is damaged.</summary>
    public static SavedTorrent? Read(ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> record)
    {
        if (
            key.Length != Hash20.Length
            || !BencodeValue.TryParse(record, BencodeMode.Strict, out var value, out _)
            || TorrentSettingsCodec.Read(value.Find("settings"u8)) is not { } settings
            || !value.TryGetText("name"u8, out var name)
        )
        {
            return null;
        }
        var v1 =
            value.TryGetBytes("v1"u8, out var first) && first.Length == Hash20.Length
                ? new Hash20(first.Span)
                : (Hash20?)null;
        var v2 =
            value.TryGetBytes("v2"u8, out var second) && second.Length == Hash32.Length
                ? new Hash32(second.Span)
                : (Hash32?)null;
        if (v1 is null && v2 is null)
        {
            return null;
        }
        return new SavedTorrent
        {
            Key = new Hash20(key.Span),
            HashV1 = v1,
            HashV2 = v2,
            Name = name,
            Settings = settings,
            Totals = TorrentTotals.Read(value.Find("totals"u8)),
            DoneBytes = value.TryGetInteger("done"u8, out var done) ? Math.Max(0, done) : 0,
            WantedBytes = value.TryGetInteger("wanted"u8, out var wanted) ? Math.Max(0, wanted) : 0,
        };
    }
}
