using Anatomic.Engine.Limits;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Engine.Peers;

/// <summary>
/// The sending side of a connection. A send loop runs only while there is something to send, so an idle peer has none.
/// </summary>
internal sealed class PeerConnection(
    IConnection connection,
    LimitNode limits,
    TimeProvider clock,
    CancellationToken stop
)
{
    private readonly CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
    private SendBatch? batch;
    private TaskCompletionSource? drained;
    private bool isSending;
    private bool isClosed;

    public Endpoint Remote => connection.Remote;

    /// <summary>Control messages to send; written here, sent by <see cref="Flush"/>.</summary>
    public SendBuffer Output { get; } = new();

    /// <summary>The rate limits of the connection: the torrent's, or its own below them.</summary>
    public LimitNode Limits { get; set; } = limits;

    /// <summary>Null until the torrent can upload.</summary>
    public IUploadQueue? UploadQueue { get; set; }

    /// <summary>The internal error that ended the connection; null when there was none.</summary>
    public Exception? Bug { get; private set; }

    public DateTimeOffset LastSent { get; private set; } = clock.GetUtcNow();

    /// <summary>Cancelled when the connection ends.</summary>
    public CancellationToken Stop => ended.Token;

    public ValueTask<int> ReceiveAsync(Memory<byte> into) => connection.ReceiveAsync(into, ended.Token);

    /// <summary>Starts to send the written messages and the queued blocks; returns at once.</summary>
    public void Flush()
    {
        if (!isSending && !isClosed)
        {
            isSending = true;
            _ = SendAllAsync();
        }
    }

    /// <summary>The output limit is reached. We read no further message from the peer until it is drained.</summary>
    public bool IsFull =>
        Output.Count
        > (Limits.IsLimited(Direction.Up) ? EngineLimits.MaxLimitedControlBytes : EngineLimits.MaxQueuedControlBytes);

    /// <summary>Sends the written messages; returns once the output is below its limit.</summary>
    public async Task DrainAsync()
    {
        Flush();
        while (IsFull)
        {
            drained ??= new TaskCompletionSource();
            await drained.Task.WaitAsync(ended.Token);
        }
    }

    public void Abort()
    {
        if (!isClosed)
        {
            ended.Cancel();
        }
    }

    public async Task CloseAsync()
    {
        Abort();
        isClosed = true;
        await connection.DisposeAsync();
        if (!isSending)
        {
            Release();
        }
    }

    private async Task SendAllAsync()
    {
        try
        {
            batch ??= new SendBatch();
            while (!ended.IsCancellationRequested && await SendOnceAsync(batch)) { }
        }
        catch (Exception failure) when (failure is NetworkException or OperationCanceledException)
        {
            // The receive loop fails as well and reports the reason.
            Abort();
        }
        catch (Exception bug)
        {
            Bug = bug;
            Abort();
        }
        finally
        {
            batch?.Clear();
            isSending = false;
            if (isClosed)
            {
                Release();
            }
        }
    }

    private async ValueTask<bool> SendOnceAsync(SendBatch next)
    {
        var control = Output.Count;
        var block = UploadQueue?.NextBytes ?? 0;
        if (control == 0 && block == 0)
        {
            return false;
        }
        if (!Limits.IsLimited(Direction.Up))
        {
            return await FillAndSendAsync(next, int.MaxValue) > 0;
        }
        // A few messages go out at once, so that an upload limit does not delay our own requests; they count all the
        // same.
        var isUrgent = control is > 0 and <= EngineLimits.UrgentControlBytes;
        var (limits, granted, sent) = (Limits, 0, 0);
        if (!isUrgent)
        {
            var most = control + EngineLimits.MaxSendBytes;
            granted = await limits.AcquireAsync(Direction.Up, control + block, most, ended.Token);
        }
        try
        {
            sent = await FillAndSendAsync(next, isUrgent ? 0 : granted - control);
            return sent > 0;
        }
        finally
        {
            limits.Settle(Direction.Up, granted, sent);
        }
    }

    /// <summary>Sends all written messages and blocks up to a number of bytes; returns the bytes sent.</summary>
    private async ValueTask<int> FillAndSendAsync(SendBatch next, int maxPayload)
    {
        if (UploadQueue is not null && maxPayload > 0)
        {
            await UploadQueue.FillAsync(next, maxPayload);
        }
        var control = Output.Detach();
        if (control.IsEmpty && next.Parts.Count == 0)
        {
            return 0;
        }
        var bytes = control.Length + next.Bytes;
        if (next.Parts.Count == 0)
        {
            await connection.SendAsync(control, ended.Token);
        }
        else
        {
            next.AddControl(control);
            await connection.SendAsync(next.Parts, ended.Token);
        }
        LastSent = clock.GetUtcNow();
        var waiting = drained;
        drained = null;
        waiting?.SetResult();
        if (next.Payload > 0)
        {
            UploadQueue?.BatchSent(next);
        }
        next.Clear();
        return bytes;
    }

    private void Release()
    {
        Output.Release();
        ended.Dispose();
    }
}
