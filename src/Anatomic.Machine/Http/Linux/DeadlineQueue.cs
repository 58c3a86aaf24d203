namespace Anatomic.Machine.Http.Linux;

/// <summary>Connections with the same timeout, in the order in which they expire.</summary>
internal sealed class DeadlineQueue(TimeSpan timeout)
{
    private readonly long milliseconds = (long)timeout.TotalMilliseconds;
    private ClientConnection? last;

    public ClientConnection? First { get; private set; }

    /// <summary>Starts the connection's timeout; it leaves the queue that it was in.</summary>
    public void Enqueue(ClientConnection connection, long now)
    {
        connection.Queue?.Remove(connection);
        connection.Queue = this;
        connection.Deadline = now + milliseconds;
        connection.Earlier = last;
        if (last is null)
        {
            First = connection;
        }
        else
        {
            last.Later = connection;
        }
        last = connection;
    }

    public void Remove(ClientConnection connection)
    {
        if (connection.Earlier is null)
        {
            First = connection.Later;
        }
        else
        {
            connection.Earlier.Later = connection.Later;
        }
        if (connection.Later is null)
        {
            last = connection.Earlier;
        }
        else
        {
            connection.Later.Earlier = connection.Earlier;
        }
        (connection.Queue, connection.Earlier, connection.Later) = (null, null, null);
    }

    /// <summary>The first connection when its timeout is over.</summary>
    public ClientConnection? Expired(long now) => First is { } first && first.Deadline <= now ? first : null;
}
