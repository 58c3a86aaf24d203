using Anatomic.Tracker.Peers;

namespace Anatomic.Tracker.Swarms;

/// <summary>The stored position of a peer that announced, and whether it was a leecher and is now a seed.</summary>
internal readonly record struct PeerUpdate(PeerPosition Position, bool BecameSeed);
