using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Engine.Peers;

/// <summary>
/// The sending side of a connection. A send loop runs only while there is something to send, so an idle peer has none.
/// </summary>
internal sealed class PeerConnection(IConnection connection, TimeProvider clock, CancellationToken stop)
{
    private readonly CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
    private SendBatch? batch;
    private TaskCompletionSource? drained;
    private bool isSending;
    private bool isClosed;

    public Endpoint Remote => connection.Remote;

    /// <summary>Control messages to send; written here, sent by <see cref="Flush"/>.</summary>
    public SendBuffer Output { get; } = new();

    /// <summary>Null until the torrent can upload.</summary>
    public IUploadQueue? UploadQueue { get; set; }
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
    public bool IsFull => Output.Count > EngineLimits.MaxQueuedControlBytes;

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
        if (UploadQueue is not null)
        {
            await UploadQueue.FillAsync(next);
        }
        var control = Output.Detach();
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
        var pause = next.Payload > 0 && UploadQueue is not null ? UploadQueue.BatchSent(next) : TimeSpan.Zero;
        next.Clear();
        if (pause > TimeSpan.Zero)
        {
            await Task.Delay(pause, clock, ended.Token);
        }
        return true;
    }

    private void Release()
    {
        Output.Release();
        ended.Dispose();
    }
}
