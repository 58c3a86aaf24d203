using System.Runtime.InteropServices;
using Anatomic.Tracker.Peers;
using Anatomic.Wire.Network;

namespace Anatomic.Tracker.Swarms;

/// <summary>A slot contains either a single peer or the totals of its <see cref="SwarmPeers"/>, never both.</summary>
[StructLayout(LayoutKind.Explicit)]
internal struct SingleOrTotals
{
    [FieldOffset(0)]
    public PeerV4 Single;

    [FieldOffset(0)]
    public SwarmTotals Totals;
}
