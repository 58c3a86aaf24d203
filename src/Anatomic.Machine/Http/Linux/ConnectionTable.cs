using Anatomic.Machine.Configuration;
using Anatomic.Wire;

namespace Anatomic.Machine.Http.Linux;

/// <summary>The connections of one loop and their timeouts.</summary>
/// <param name="maxConnections">The limit of open connections.</param>
internal sealed class ConnectionTable(int maxConnections)
{
    private readonly List<ClientConnection> slots = [];
    private readonly Stack<ClientConnection> free = [];

    /// <summary>Between two requests.</summary>
    public DeadlineQueue Idle { get; } = new(MachineLimits.IdleTimeout);

    /// <summary>Within a head, or before the first.</summary>
    public DeadlineQueue Reading { get; } = new(MachineLimits.HeadTimeout);

    /// <summary>Until the client takes some of its replies.</summary>
    public DeadlineQueue Sending { get; } = new(MachineLimits.HeadTimeout);

    /// <summary>After the last reply, until the client closes.</summary>
    public DeadlineQueue Draining { get; } = new(MachineLimits.DrainTimeout);

    public int Count => slots.Count - free.Count;

    public bool IsFull => Count >= maxConnections;

    public IEnumerable<ClientConnection> Open => slots.Where(connection => connection.Handle >= 0);

    public ClientConnection Add(int handle, in Endpoint client, bool expectsProxyHeader)
    {
        if (!free.TryPop(out var connection))
        {
            connection = new ClientConnection(slots.Count);
            slots.Add(connection);
        }
        connection.Open(handle, client, expectsProxyHeader);
        return connection;
    }

    /// <summary>Null: the connection of that event is closed.</summary>
    public ClientConnection? Find(ulong token)
    {
        var slot = (int)(uint)token;
        return slot < slots.Count && slots[slot] is { Handle: >= 0 } connection && connection.Token == token
            ? connection
            : null;
    }

    /// <summary>Forgets a connection; the caller closes its handle.</summary>
    public void Remove(ClientConnection connection)
    {
        connection.Queue?.Remove(connection);
        connection.Release();
        free.Push(connection);
    }

    /// <summary>A connection whose timeout is over; null: there is none.</summary>
    public ClientConnection? Expired(long now) =>
        Idle.Expired(now) ?? Reading.Expired(now) ?? Sending.Expired(now) ?? Draining.Expired(now);

    /// <summary>
    /// The connection to close when another one needs its place: the longest silent, and those being answered last.
    /// </summary>
    public ClientConnection? LeastActive => Draining.First ?? Idle.First ?? Reading.First ?? Sending.First;
}
