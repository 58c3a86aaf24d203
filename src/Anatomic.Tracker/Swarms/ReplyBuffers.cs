namespace Anatomic.Tracker.Swarms;

/// <summary>The buffers for the peers of a reply. An empty buffer excludes its address family.</summary>
internal ref struct ReplyBuffers
{
    /// <summary>6 bytes per peer.</summary>
    public Span<byte> V4;

    /// <summary>18 bytes per peer.</summary>
    public Span<byte> V6;
    public int V4Count;
    public int V6Count;
}
