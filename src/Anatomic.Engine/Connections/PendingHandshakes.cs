using Anatomic.Wire;

namespace Anatomic.Engine.Connections;

/// <summary>
/// The incoming connections whose handshake is not complete. When there are too many, the oldest of the network with
/// the most gives way, so that silent connections of one network cannot shut out the others.
/// </summary>
internal sealed class PendingHandshakes<T>(int max)
    where T : class
{
    private readonly List<(T Item, AddressPrefix Network)> oldestFirst = [];

    public int Count => oldestFirst.Count;

    /// <summary>Adds a connection; returns the one to close, null when there is room.</summary>
    public T? Add(T item, in Endpoint remote)
    {
        oldestFirst.Add((item, AddressPrefix.NetworkOf(remote)));
        if (oldestFirst.Count <= max)
        {
            return null;
        }
        var heaviest = oldestFirst.CountBy(pending => pending.Network).MaxBy(group => group.Value).Key;
        var index = oldestFirst.FindIndex(pending => pending.Network == heaviest);
        var evicted = oldestFirst[index].Item;
        oldestFirst.RemoveAt(index);
        return evicted;
    }

    /// <summary>Removes a connection whose handshake is complete or has failed; it may be gone already.</summary>
    public void Remove(T item)
    {
        var index = oldestFirst.FindIndex(pending => pending.Item == item);
        if (index >= 0)
        {
            oldestFirst.RemoveAt(index);
        }
    }
}
