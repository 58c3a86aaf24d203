namespace Anatomic.Tracker.Swarms;

/// <summary>Where the peers of a reply go. An empty span takes none of its family.</summary>
internal ref struct ReplyBuffers
{
    /// <summary>6 bytes each.</summary>
    public Span<byte> V4;

    /// <summary>18 bytes each.</summary>
    public Span<byte> V6;
    public int V4Count;
    public int V6Count;
}
