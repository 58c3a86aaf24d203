using Anatomic.Comparison.Load;

namespace Anatomic.Comparison.Udp;

/// <summary>Announces each of some peers once, in the order of their numbers; what is lost is asked again.</summary>
/// <param name="population">Whose peers.</param>
/// <param name="first">The first one's number.</param>
/// <param name="end">The number behind the last one's.</param>
internal sealed class UdpFill(Population population, int first, int end) : IUdpWork
{
    private readonly Stack<int> again = [];
    private int next = first;

    /// <summary>Refusals: the tracker does not take them.</summary>
    public int Refused { get; private set; }

    public UdpAsked Write(Span<byte> into, ReadOnlySpan<ulong> connections, uint transaction)
    {
        if (!again.TryPop(out var peer))
        {
            if (next == end)
            {
                return default;
            }
            peer = next++;
        }
        // One peer in return is the least that every tracker takes for a number.
        return UdpAnnounces.Write(into, connections, transaction, population, peer, wanted: 1);
    }

    public bool IsGood(ReadOnlySpan<byte> reply, int subject)
    {
        var good = UdpAnnounces.IsGood(reply, population, subject, verify: false);
        Refused += good ? 0 : 1;
        return good;
    }

    public void Lose(int subject) => again.Push(subject);
}
