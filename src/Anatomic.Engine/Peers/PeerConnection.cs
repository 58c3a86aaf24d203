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
    Func<DateTimeOffset> now,
    CancellationToken stop
)
{
    private readonly CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
    private SendBatch? batch;

    /// <summary>The limits' grant for what is too long to be sent at once; null when nothing waits.</summary>
    private Task<int>? grant;

    /// <summary>Completed by the next message that is written while <see cref="grant"/> is awaited.</summary>
    private TaskCompletionSource? written;
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

    public DateTimeOffset LastSent { get; private set; } = now();

    /// <summary>Cancelled when the connection ends.</summary>
    public CancellationToken Stop => ended.Token;

    public ValueTask<int> ReceiveAsync(Memory<byte> into) => connection.ReceiveAsync(into, ended.Token);

    /// <summary>Starts to send the written messages and the queued blocks; returns at once.</summary>
    public void Flush()
    {
        if (isSending)
        {
            if (Output.Count > 0)
            {
                written?.TrySetResult();
            }
        }
        else if (!isClosed)
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
            while (!ended.IsCancellationRequested && await SendOnceAsync(batch))
            {
                // A peer that takes everything at once must not hold the loop.
                await Task.Yield();
            }
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
            grant = null;
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
        if (control is > 0 and <= EngineLimits.UrgentControlBytes)
        {
            // An upload limit must not delay our own requests, which count all the same.
            Limits.Charge(Direction.Up, await FillAndSendAsync(next, 0));
            return true;
        }
        return await SendLimitedAsync(next, control, block);
    }

    /// <summary>Sends what the rate limits grant. Returns early when a short message is written meanwhile.</summary>
    private async ValueTask<bool> SendLimitedAsync(SendBatch next, int control, int block)
    {
        var granting = Limits;
        var most = control + EngineLimits.MaxSendBytes;
        grant ??= granting.AcquireAsync(Direction.Up, control + block, most, ended.Token).AsTask();
        if (!grant.IsCompleted)
        {
            written = new TaskCompletionSource();
            await Task.WhenAny(grant, written.Task);
            written = null;
            if (!grant.IsCompleted)
            {
                return true;
            }
        }
        var granted = await grant;
        grant = null;
        var sent = 0;
        try
        {
            sent = await FillAndSendAsync(next, Math.Max(0, granted - Output.Count));
            return sent > 0;
        }
        finally
        {
            granting.Settle(Direction.Up, granted, sent);
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
        LastSent = now();
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
