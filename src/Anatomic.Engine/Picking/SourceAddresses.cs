using Anatomic.Wire;

namespace Anatomic.Engine.Picking;

/// <summary>
/// The addresses of the sources of blocks that are not verified yet, also of those that have disconnected: closing a
/// connection saves nobody from a ban.
/// </summary>
internal sealed class SourceAddresses
{
    private const int MinPrune = 256;

    private readonly Dictionary<int, Endpoint> addresses = [];
    private int pruneAt = MinPrune;

    /// <summary>Remembers a source; forgets those that left and of which the picker holds no block.</summary>
    public void Add(BlockSource source, RequestScheduler requests, PiecePicker picker)
    {
        addresses[source.Number] = source.Address;
        if (addresses.Count >= pruneAt)
        {
            Prune(requests, picker);
            pruneAt = Math.Max(MinPrune, addresses.Count * 2);
        }
    }

    public Endpoint Of(int number) => addresses[number];

    private void Prune(RequestScheduler requests, PiecePicker picker)
    {
        HashSet<int> used = [];
        foreach (var partial in picker.Unwritten)
        {
            used.UnionWith(partial.Sources);
        }
        foreach (var number in addresses.Keys.ToArray())
        {
            if (requests.Find(number) is null && !used.Contains(number))
            {
                addresses.Remove(number);
            }
        }
    }
}
