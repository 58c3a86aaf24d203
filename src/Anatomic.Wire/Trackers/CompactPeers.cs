namespace Anatomic.Wire.Trackers;

/// <summary>Reads compact peers: 6 bytes each (BEP 23), or 18 (BEP 7).</summary>
public static class CompactPeers
{
    /// <summary>
    /// Adds peers until the list has <see cref="TrackerProtocolLimits.MaxPeersRead"/>. Ignores peers with port 0 and
    /// incomplete ones at the end.
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
