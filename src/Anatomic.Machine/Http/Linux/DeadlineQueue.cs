namespace Anatomic.Machine.Http.Linux;

/// <summary>Connections that may wait for the same length of time, the one that has waited longest first.</summary>
internal sealed class DeadlineQueue(TimeSpan patience)
{
    private readonly long milliseconds = (long)patience.TotalMilliseconds;
    private ClientConnection? last;

    public ClientConnection? First { get; private set; }

    /// <summary>Its time begins now; it leaves the queue that it was in.</summary>
    public void Enter(ClientConnection client, long now)
    {
        client.Queue?.Leave(client);
        client.Queue = this;
        client.Deadline = now + milliseconds;
        client.Earlier = last;
        if (last is null)
        {
            First = client;
        }
        else
        {
            last.Later = client;
        }
        last = client;
    }

    public void Leave(ClientConnection client)
    {
        if (client.Earlier is null)
        {
            First = client.Later;
        }
        else
        {
            client.Earlier.Later = client.Later;
        }
        if (client.Later is null)
        {
            last = client.Earlier;
        }
        else
        {
            client.Later.Earlier = client.Earlier;
        }
        (client.Queue, client.Earlier, client.Later) = (null, null, null);
    }

    /// <summary>The first one when its time is over.</summary>
    public ClientConnection? Overdue(long now) => First is { } first && first.Deadline <= now ? first : null;
}
