using System.Diagnostics.CodeAnalysis;
using System.Text;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Wire.Magnets;

/// <summary>A magnet link (BEP 9, 52, 53). <see cref="ToString"/> writes it.</summary>
public sealed record MagnetLink
{
    /// <summary><c>xt=urn:btih:</c>: 40 hexadecimal or 32 base32 digits.</summary>
    public Hash20? HashV1 { get; init; }

    /// <summary><c>xt=urn:btmh:1220…</c>: a SHA-256 multihash (BEP 52).</summary>
    public Hash32? HashV2 { get; init; }

    /// <summary>The v1 info-hash, then the truncated v2 info-hash; at least one of them.</summary>
    public IReadOnlyList<Hash20> SwarmIds =>
        (HashV1, HashV2) switch
        {
            ({ } v1, { } v2) => [v1, v2.Truncated],
            ({ } v1, null) => [v1],
            (null, { } v2) => [v2.Truncated],
            _ => [],
        };

    /// <summary><c>dn</c>: the name to show until the metadata has arrived; null: none.</summary>
    public string? DisplayName { get; init; }

    /// <summary><c>tr</c>: announce URLs, each a tier of its own.</summary>
    public IReadOnlyList<string> Trackers { get; init; } = [];

    /// <summary><c>ws</c>: web seeds.</summary>
    public IReadOnlyList<string> WebSeeds { get; init; } = [];

    /// <summary><c>x.pe</c>: peers, <c>1.2.3.4:6881</c>, <c>[::1]:6881</c> or <c>host:6881</c>.</summary>
    public IReadOnlyList<string> Peers { get; init; } = [];

    /// <summary><c>so</c> (BEP 53): ranges of file indexes to download; empty: all.</summary>
    public IReadOnlyList<FileRange> Select { get; init; } = [];

    /// <summary>Whether <see cref="Select"/> contains the file; true when nothing is selected.</summary>
    public bool Selects(int fileIndex) =>
        Select.Count == 0 || Select.Any(range => fileIndex >= range.First && fileIndex <= range.Last);

    public static bool TryParse(
        string text,
        [NotNullWhen(true)] out MagnetLink? link,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        var reader = new MagnetReader(text);
        link = reader.Read();
        fault = link is null ? reader.Fault ?? new Fault("the magnet link cannot be read") : null;
        return link is not null;
    }

    /// <summary>The link to a torrent, with its name, trackers and web seeds.</summary>
    public static MagnetLink Of(TorrentMetainfo metainfo) =>
        new()
        {
            HashV1 = metainfo.Info.HashV1,
            HashV2 = metainfo.Info.HashV2,
            DisplayName = metainfo.Info.Name,
            Trackers = [.. metainfo.AnnounceTiers.SelectMany(tier => tier)],
            WebSeeds = metainfo.WebSeeds,
        };

    /// <summary>The link, with hashes in hexadecimal and everything else escaped (RFC 3986).</summary>
    public override string ToString()
    {
        var text = new StringBuilder("magnet:?");
        Add("xt", HashV1 is { } v1 ? [$"urn:btih:{v1}"] : [], escape: false);
        Add("xt", HashV2 is { } v2 ? [$"urn:btmh:1220{v2}"] : [], escape: false);
        Add("dn", DisplayName is { Length: > 0 } name ? [name] : []);
        Add("tr", Trackers);
        Add("ws", WebSeeds);
        Add("x.pe", Peers);
        Add("so", Select.Count > 0 ? [string.Join(',', Select)] : [], escape: false);
        return text.ToString();

        void Add(string key, IReadOnlyList<string> values, bool escape = true)
        {
            foreach (var value in values)
            {
                text.Append(text[^1] == '?' ? "" : "&").Append(key).Append('=');
                text.Append(escape ? Uri.EscapeDataString(value) : value);
            }
        }
    }
}

/// <summary>A range of file indexes, both ends included (BEP 53).</summary>
public readonly record struct FileRange(int First, int Last)
{
    public override string ToString() => First == Last ? $"{First}" : $"{First}-{Last}";
}
