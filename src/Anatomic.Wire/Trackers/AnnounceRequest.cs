namespace Anatomic.Wire.Trackers;

/// <summary>What a client tells a tracker (BEP 3), over HTTP or UDP.</summary>
public sealed record AnnounceRequest
{
    /// <summary>The v1 info-hash, or the truncated v2 info-hash (BEP 52).</summary>
    public required Hash20 Swarm { get; init; }
    public required Hash20 PeerId { get; init; }

    /// <summary>Where this client takes peers.</summary>
    public required ushort Port { get; init; }
    public long UploadedBytes { get; init; }
    public long DownloadedBytes { get; init; }

    /// <summary>Bytes still missing; 0: a seed.</summary>
    public required long LeftBytes { get; init; }
    public AnnounceEvent Event { get; init; }

    /// <summary>How many peers are wanted; -1: as many as the tracker sees fit.</summary>
    public int Wanted { get; init; } = -1;

    /// <summary>The same number for the life of the client, so that a tracker knows it again after a change of address.</summary>
    public uint Key { get; init; }

    /// <summary>The tracker id of an earlier reply, given back as it came; null: none was given.</summary>
    public byte[]? TrackerId { get; init; }
}
