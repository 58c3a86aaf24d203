namespace Anatomic.Comparison.Udp;

/// <summary>The requests of a UDP load and the check of their replies.</summary>
internal interface IUdpWorkload
{
    /// <summary>Writes the next request.</summary>
    /// <param name="connections">The connection id of each source.</param>
    /// <param name="transaction">The transaction id of the request.</param>
    WrittenRequest Write(Span<byte> buffer, ReadOnlySpan<ulong> connections, uint transaction);

    /// <summary>Whether a reply answers the request with this tag; its transaction id matches already.</summary>
    bool IsValid(ReadOnlySpan<byte> reply, int tag);

    /// <summary>A request timed out. A workload that must be completed sends it again.</summary>
    void OnLost(int tag) { }
}

/// <summary>A request of a workload.</summary>
/// <param name="Length">Bytes of the datagram; 0 means that no request is left.</param>
/// <param name="Source">Which address of the population it leaves from.</param>
/// <param name="Tag">Identifies the request to its workload.</param>
internal readonly record struct WrittenRequest(int Length, int Source, int Tag);
