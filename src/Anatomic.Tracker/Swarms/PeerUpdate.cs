using System.Runtime.InteropServices;
using Anatomic.Tracker.Peers;

namespace Anatomic.Tracker.Swarms;

/// <summary>Where a peer that announced stands in its set, and whether it was known as a leech and is a seed from now on.</summary>
internal readonly record struct PeerUpdate(PeerPosition Place, bool BecameSeed);
