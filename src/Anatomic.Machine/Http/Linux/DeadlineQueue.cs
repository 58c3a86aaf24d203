namespace Anatomic.Machine.Http.Linux;

/// <summary>Connections that may wait for the same length of time, the one that has waited longest first.</summary>
internal sealed class DeadlineQueue(TimeSpan patience)
{
    private readonly long milliseconds = (long)patience.TotalMilliseconds;
    private FrontClient? last;

    public FrontClient? First { get; private set; }

    /// <summary>Its time begins now; it leaves the queue that it was in.</summary>
    public void Enter(FrontClient client, long now)
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

    public void Leave(FrontClient client)
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
    public FrontClient? Overdue(long now) => First is { } first && first.Deadline <= now ? first : null;
}
