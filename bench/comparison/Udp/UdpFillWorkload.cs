using Anatomic.Comparison.Load;

namespace Anatomic.Comparison.Udp;

/// <summary>Announces a range of peers once each; lost announces are repeated.</summary>
/// <param name="population">The peers.</param>
/// <param name="first">The first peer.</param>
/// <param name="end">One past the last peer.</param>
internal sealed class UdpFillWorkload(Population population, int first, int end) : IUdpWorkload
{
    private readonly Stack<int> lost = [];
    private int next = first;

    /// <summary>Announces that the tracker rejected.</summary>
    public int Rejected { get; private set; }

    public WrittenRequest Write(Span<byte> buffer, ReadOnlySpan<ulong> connections, uint transaction)
    {
        if (!lost.TryPop(out var peer))
        {
            if (next == end)
            {
                return default;
            }
            peer = next++;
        }
        // The smallest numwant that every tracker accepts as a number.
        return UdpAnnounceWorkload.Write(buffer, connections, transaction, population, peer, numWant: 1);
    }

    public bool IsValid(ReadOnlySpan<byte> reply, int tag)
    {
        var valid = UdpAnnounceWorkload.IsValid(reply, population, tag, verify: false);
        Rejected += valid ? 0 : 1;
        return valid;
    }

    public void OnLost(int tag) => lost.Push(tag);
}
