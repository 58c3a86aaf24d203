namespace Anatomic.Wire.Trackers;

/// <summary>Bounds of what trackers and their clients say to each other.</summary>
public static class TrackerProtocolLimits
{
    /// <summary>Longest HTTP reply that a client reads: 2,000 peers as dictionaries with peer ids are some 200 KiB.</summary>
    public const int MaxHttpReplyBytes = 1 << 20;

    /// <summary>Most peers taken from one reply; trackers in the wild give at most 200 to 500.</summary>
    public const int MaxPeersRead = 2000;

    /// <summary>Longest text for people taken from a reply; what is beyond it is cut off.</summary>
    public const int MaxTextBytes = 1024;

    /// <summary>Longest tracker id taken; real ones have a few dozen bytes.</summary>
    public const int MaxTrackerIdBytes = 256;

    /// <summary>Longest wait that a reply can ask for, in seconds: a day. A longer one would lose the swarm for a slip of a tracker.</summary>
    public const int MaxIntervalSeconds = 86_400;

    /// <summary>Most hashes of one UDP scrape (BEP 15).</summary>
    public const int MaxUdpScrapeHashes = 74;

    /// <summary>Most hashes answered of one HTTP scrape (BEP 48 sets none): as many as a head of 8 KiB can hold.</summary>
    public const int MaxHttpScrapeHashes = 100;

    /// <summary>Longest URL data of a UDP announce (BEP 41): 7 full options.</summary>
    public const int MaxUrlDataBytes = 7 * 255;

    /// <summary>Longest UDP packet of a client: an announce with all of its URL data.</summary>
    public const int MaxUdpRequestBytes = UdpClientCodec.AnnounceBytes + MaxUrlDataBytes + (2 * 7) + 1;
}
