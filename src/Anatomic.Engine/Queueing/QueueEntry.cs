namespace Anatomic.Engine.Queueing;

/// <summary>A torrent, as the queue sees it.</summary>
/// <param name="Id">Identifies the torrent.</param>
/// <param name="Position">Its place in the queue; lower is first.</param>
/// <param name="IsForced">The user forced it to run.</param>
/// <param name="IsComplete">It has all wanted pieces, so it seeds.</param>
/// <param name="IsSlow">It has been slow for long enough not to count.</param>
/// <param name="WasAdmitted">It runs now.</param>
internal readonly record struct QueueEntry(
    int Id,
    long Position,
    bool IsForced,
    bool IsComplete,
    bool IsSlow,
    bool WasAdmitted
);
