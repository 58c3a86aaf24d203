namespace Anatomic.Wire.Trackers;

/// <summary>Peers as 6 (BEP 23) or 18 bytes (BEP 7) each.</summary>
public static class CompactPeers
{
    /// <summary>
    /// Adds what can be dialled, up to <see cref="TrackerProtocolLimits.MaxPeersRead"/> in all: peers with port 0 and bytes left over at
    /// the end are passed by.
    /// </summary>
    public static void AddTo(ICollection<Endpoint> into, ReadOnlySpan<byte> compact, int bytesPerPeer)
    {
        for (
            ;
            compact.Length >= bytesPerPeer && into.Count < TrackerProtocolLimits.MaxPeersRead;
            compact = compact[bytesPerPeer..]
        )
        {
            var peer = Endpoint.FromCompact(compact[..bytesPerPeer]);
            if (peer.Port != 0)
            {
                into.Add(peer);
            }
        }
    }
}
