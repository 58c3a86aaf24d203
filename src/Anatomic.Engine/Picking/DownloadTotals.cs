namespace Anatomic.Engine.Picking;

/// <summary>Payload that was received and not kept, since the torrent was added.</summary>
internal sealed class DownloadTotals
{
    /// <summary>
    /// Bytes of blocks that came twice, came unrequested, or belonged to a piece that became unwanted.
    /// </summary>
    public long RedundantBytes { get; set; }

    /// <summary>Bytes of pieces whose hash was wrong.</summary>
    public long HashFailedBytes { get; set; }
}
