namespace Anatomic.Wire.Trackers;

/// <summary>A client's announce (BEP 3), over HTTP or UDP.</summary>
public sealed record AnnounceRequest
{
    /// <summary>The v1 info-hash, or the truncated v2 info-hash (BEP 52).</summary>
    public required Hash20 Swarm { get; init; }
    public required Hash20 PeerId { get; init; }

    /// <summary>The client's listening port.</summary>
    public required ushort Port { get; init; }
    public long UploadedBytes { get; init; }
    public long DownloadedBytes { get; init; }

    /// <summary>Bytes still missing; 0 for a seed.</summary>
    public required long LeftBytes { get; init; }
    public AnnounceEvent Event { get; init; }

    /// <summary>Number of peers wanted; -1: the tracker decides.</summary>
    public int Wanted { get; init; } = -1;

    /// <summary>
    /// Stays the same while the client runs, so that trackers recognise it after a change of address.
    /// </summary>
    public uint Key { get; init; }

    /// <summary>The tracker id of an earlier response, unchanged; null: none.</summary>
    public byte[]? TrackerId { get; init; }
}
