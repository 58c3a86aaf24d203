namespace Anatomic.Comparison.Udp;

/// <summary>What a UDP load asks for.</summary>
internal interface IUdpWork
{
    /// <summary>Writes the next request.</summary>
    /// <param name="into">Takes the datagram.</param>
    /// <param name="connections">The connection id of each source.</param>
    /// <param name="transaction">Its transaction id.</param>
    UdpAsked Write(Span<byte> into, ReadOnlySpan<ulong> connections, uint transaction);

    /// <summary>Whether this is the answer to what was asked about; its transaction id was compared already.</summary>
    bool IsGood(ReadOnlySpan<byte> reply, int subject);

    /// <summary>There was no answer about this; a work that must be done asks again.</summary>
    void Lose(int subject) { }
}

/// <param name="Length">Bytes of the datagram; 0: there is nothing left to ask.</param>
/// <param name="Source">Which address it comes from.</param>
/// <param name="Subject">The work's own note to judge the answer by.</param>
internal readonly record struct UdpAsked(int Length, int Source, int Subject);
