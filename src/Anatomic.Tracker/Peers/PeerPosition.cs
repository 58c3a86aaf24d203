namespace Anatomic.Tracker.Peers;

/// <summary>The position of an entry in its set; valid until the set changes.</summary>
internal readonly record struct PeerPosition(int Bucket, int Index)
{
    public static PeerPosition None { get; } = new(0, -1);

    public bool IsFound => Index >= 0;
}
