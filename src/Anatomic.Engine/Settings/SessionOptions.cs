using Anatomic.Engine.Sessions;
using Anatomic.Wire;

namespace Anatomic.Engine.Settings;

/// <summary>How a session runs. Checked once by <see cref="Session.StartAsync"/>, all faults together.</summary>
public sealed record SessionOptions
{
    /// <summary>Where peers are accepted, TCP; port 0 takes a free one. Empty: nothing listens, peers are only dialled.</summary>
    public IReadOnlyList<Endpoint> Listen { get; init; } = [Endpoint.FromV4(0, 0)];

    /// <summary>
    /// Whether loopback, private and link-local addresses that a tracker names are dialled. Without it a tracker could make the
    /// program knock at doors inside the user's own network. Peers given by hand are always dialled. Default false.
    /// </summary>
    public bool AllowPrivate { get; init; }

    /// <summary>Most payload received, bytes a second over all torrents; 0 (default): unlimited.</summary>
    public long MaxDownloadBytesPerSecond { get; init; }

    /// <summary>Most payload sent, bytes a second over all torrents; 0 (default): unlimited.</summary>
    public long MaxUploadBytesPerSecond { get; init; }

    /// <summary>Most connected peers over all torrents, 1–10,000; default 500.</summary>
    public int MaxPeers { get; init; } = 500;

    /// <summary>Most connected peers of one torrent, 1–10,000; default 100.</summary>
    public int MaxPeersPerTorrent { get; init; } = 100;

    /// <summary>Peers of one torrent that are unchoked at a time, the optimistic one included, 2–1,000; default 8.</summary>
    public int UploadSlots { get; init; } = 8;

    /// <summary>The first 8 bytes of the peer id: client and version (BEP 20).</summary>
    public string PeerIdPrefix { get; init; } = "-AN1000-";

    /// <summary>Memory for pieces that are not yet whole and written, bytes over all torrents; default 128 MiB.</summary>
    public long PieceMemoryBytes { get; init; } = 128 << 20;

    /// <summary>
    /// The store (<see cref="World.IStores"/>) that remembers which pieces are had; null: every start checks the files anew.
    /// </summary>
    public string? ResumeStore { get; init; } = "torrents";

    /// <summary>What is wrong, as sentences for a person; empty when all is fine.</summary>
    public IReadOnlyList<string> Faults()
    {
        var faults = new List<string>();
        Check(MaxDownloadBytesPerSecond >= 0, "the download limit is negative");
        Check(MaxUploadBytesPerSecond >= 0, "the upload limit is negative");
        Check(MaxPeers is >= 1 and <= 10_000, "the number of peers is not within 1 and 10,000");
        Check(MaxPeersPerTorrent is >= 1 and <= 10_000, "the number of peers a torrent is not within 1 and 10,000");
        Check(UploadSlots is >= 2 and <= 1_000, "the number of upload slots is not within 2 and 1,000");
        Check(
            PeerIdPrefix.Length == 8 && PeerIdPrefix.All(char.IsAscii),
            "the peer id's prefix is not 8 ASCII characters"
        );
        Check(PieceMemoryBytes >= 1 << 20, "the memory for pieces is under 1 MiB");
        return faults;

        void Check(bool fine, string otherwise)
        {
            if (!fine)
            {
                faults.Add(otherwise);
            }
        }
    }
}
