using Anatomic.Machine.Configuration;
using Anatomic.Wire;

namespace Anatomic.Machine.Http.Linux;

/// <summary>The connections of one loop, and in which order they run out of time.</summary>
internal sealed class ConnectionTable(int most)
{
    private readonly List<ClientConnection> slots = [];
    private readonly Stack<ClientConnection> free = [];

    /// <summary>Between two requests.</summary>
    public DeadlineQueue Idle { get; } = new(MachineLimits.IdleTimeout);

    /// <summary>In the middle of a head, or before the first.</summary>
    public DeadlineQueue Reading { get; } = new(MachineLimits.HeadTimeout);

    /// <summary>Until the client takes some of its replies.</summary>
    public DeadlineQueue Sending { get; } = new(MachineLimits.HeadTimeout);

    /// <summary>After the last reply, until the client closes.</summary>
    public DeadlineQueue Draining { get; } = new(MachineLimits.DrainTimeout);

    public int Count => slots.Count - free.Count;

    public bool IsFull => Count >= most;

    /// <summary>Those in use.</summary>
    public IEnumerable<ClientConnection> All => slots.Where(client => client.Handle >= 0);

    public ClientConnection Add(int handle, in Endpoint from, bool owesPreamble)
    {
        if (!free.TryPop(out var client))
        {
            client = new ClientConnection(slots.Count);
            slots.Add(client);
        }
        client.Begin(handle, from, owesPreamble);
        return client;
    }

    /// <summary>Null: the connection of that event is over.</summary>
    public ClientConnection? Find(ulong token)
    {
        var slot = (int)(uint)token;
        return slot < slots.Count && slots[slot] is { Handle: >= 0 } client && client.Token == token ? client : null;
    }

    /// <summary>The handle is the caller's to close.</summary>
    public void Remove(ClientConnection client)
    {
        client.Queue?.Leave(client);
        client.End();
        free.Push(client);
    }

    /// <summary>Somebody whose time is over; null: nobody's is.</summary>
    public ClientConnection? Overdue(long now) =>
        Idle.Overdue(now) ?? Reading.Overdue(now) ?? Sending.Overdue(now) ?? Draining.Overdue(now);

    /// <summary>Who has to go when there is no room for another: whoever has been silent for longest, and loses least.</summary>
    public ClientConnection? LeastMissed => Draining.First ?? Idle.First ?? Reading.First ?? Sending.First;
}
