using Anatomic.Wire;

namespace Anatomic.Federation.Sharing;

/// <summary>Changes of one swarm that wait for a partner's next batch.</summary>
internal sealed class PendingShare
{
    /// <summary>The whole swarm is sent instead of the changes.</summary>
    public bool IsSnapshot { get; set; }

    public DateTimeOffset Due { get; set; }

    /// <summary>Changed peers by address.</summary>
    public Dictionary<Endpoint, (bool IsSeed, bool IsGone)> Changes { get; } = [];
}
