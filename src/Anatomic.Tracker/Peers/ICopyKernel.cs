namespace Anatomic.Tracker.Peers;

/// <summary>
/// Copies the compact forms of a vector of entries into a reply. It has no branches per entry, because they would be
/// unpredictable.
/// </summary>
internal interface ICopyKernel
{
    /// <summary>Entries per vector.</summary>
    static abstract int Width { get; }

    /// <summary>Bytes that a copy may overwrite, however many entries it copies.</summary>
    static abstract int StoreBytes { get; }

    /// <returns>
    /// The number of entries copied: those that have not expired, are in range, and are not the requester.
    /// </returns>
    /// <param name="requester">The compact form of the announcing peer, which is skipped.</param>
    static abstract int Copy(
        ReadOnlySpan<ulong> entries,
        LaneRange lanes,
        ulong requester,
        in TrackerTime now,
        Span<byte> into
    );
}
