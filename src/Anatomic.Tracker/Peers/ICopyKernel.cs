using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Anatomic.Tracker.Peers;

/// <summary>
/// Writes the compact forms of a few entries into a reply. It has no branch for those that are not to be copied, for no processor
/// could foretell where they stand.
/// </summary>
internal interface ICopyKernel
{
    /// <summary>How many it takes.</summary>
    static abstract int Width { get; }

    /// <summary>As many bytes of the reply may be written over, however few are meant.</summary>
    static abstract int StoreBytes { get; }

    /// <returns>How many of the entries are alive, are another's than the asker's, and have their turn: those it has written.</returns>
    /// <param name="requester">In the compact form, as entries have it.</param>
    static abstract int Copy(
        ReadOnlySpan<ulong> entries,
        LaneRange lanes,
        ulong requester,
        in TrackerTime now,
        Span<byte> into
    );
}
