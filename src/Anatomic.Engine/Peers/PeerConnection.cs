using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Engine.Peers;

/// <summary>Fills sends with the blocks that a peer may have.</summary>
internal interface IUploadQueue
{
    /// <summary>Adds blocks to the batch, reading them first where they are not in memory; nothing when there are none to send.</summary>
    ValueTask GatherAsync(SendBatch batch);

    /// <summary>The batch is out; returns how long to wait before the next for the sake of a limit.</summary>
    TimeSpan Sent(SendBatch batch);
}

/// <summary>The sending side of a connection. One flow sends while there is something to send; an idle peer has none.</summary>
internal sealed class PeerConnection(IConnection connection, TimeProvider clock, CancellationToken stop)
{
    private readonly CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
    private SendBatch? batch;
    private TaskCompletionSource? drained;
    private bool isSending;
    private bool isClosed;

    public Endpoint Remote => connection.Remote;
    public SendBuffer Out { get; } = new();

    /// <summary>Null while nothing can be uploaded.</summary>
    public IUploadQueue? Blocks { get; set; }
    public DateTimeOffset LastSent { get; private set; } = clock.GetUtcNow();

    /// <summary>Cancelled when the connection is to end.</summary>
    public CancellationToken Stop => ended.Token;

    public ValueTask<int> ReceiveAsync(Memory<byte> into) => connection.ReceiveAsync(into, ended.Token);

    /// <summary>Sends what was written, and blocks that wait, as one; returns at once.</summary>
    public void Flush()
    {
        if (!isSending && !isClosed)
        {
            isSending = true;
            _ = SendAllAsync();
        }
    }

    /// <summary>As much waits as may: what the peer says next is to wait, too.</summary>
    public bool IsFull => Out.Count > EngineLimits.MaxQueuedControlBytes;

    /// <summary>Sends what was written, and returns once the peer has taken so much of it that more may be written.</summary>
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
        catch (Exception gone) when (gone is NetworkException or OperationCanceledException)
        {
            // The receiving flow sees the same end and says why.
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
        if (Blocks is not null)
        {
            await Blocks.GatherAsync(next);
        }
        var control = Out.Take();
        if (control.IsEmpty && next.Parts.Count == 0)
        {
            return false;
        }
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
        var pause = next.Payload > 0 && Blocks is not null ? Blocks.Sent(next) : TimeSpan.Zero;
        next.Clear();
        if (pause > TimeSpan.Zero)
        {
            await Task.Delay(pause, clock, ended.Token);
        }
        return true;
    }

    private void Release()
    {
        Out.Return();
        ended.Dispose();
    }
}
