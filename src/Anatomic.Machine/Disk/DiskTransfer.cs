using System.Collections.Concurrent;
using System.Threading.Tasks.Sources;

namespace Anatomic.Machine.Disk;

/// <summary>A read or write of an open file, reused after its result was taken.</summary>
internal sealed class DiskTransfer : IDiskJob, IValueTaskSource<int>, IValueTaskSource
{
    private const int MaxIdle = 64; // more transfers than that are rarely in progress
    private static readonly ConcurrentQueue<DiskTransfer> Idle = new();

    private ManualResetValueTaskSourceCore<int> completion = new() { RunContinuationsAsynchronously = true };
    private MachineFile? file;
    private long offset;
    private Memory<byte> into;
    private IReadOnlyList<ReadOnlyMemory<byte>>? parts;
    private CancellationToken stop;

    private DiskTransfer() { }

    public static DiskTransfer Read(MachineFile file, long offset, Memory<byte> into, CancellationToken stop)
    {
        var transfer = Rent(file, offset, stop);
        transfer.into = into;
        return transfer;
    }

    public static DiskTransfer Write(
        MachineFile file,
        long offset,
        IReadOnlyList<ReadOnlyMemory<byte>> parts,
        CancellationToken stop
    )
    {
        var transfer = Rent(file, offset, stop);
        transfer.parts = parts;
        return transfer;
    }

    public ValueTask<int> Result => new(this, completion.Version);

    public ValueTask Done => new(this, completion.Version);

    public void Run()
    {
        if (stop.IsCancellationRequested)
        {
            completion.SetException(new OperationCanceledException(stop));
            return;
        }
        try
        {
            completion.SetResult(parts is null ? file!.Read(offset, into.Span) : file!.Write(offset, parts));
        }
        catch (Exception fault)
        {
            completion.SetException(fault);
        }
    }

    int IValueTaskSource<int>.GetResult(short token) => Finish(token);

    void IValueTaskSource.GetResult(short token) => Finish(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => completion.GetStatus(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => completion.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(
        Action<object?> continuation,
        object? state,
        short token,
        ValueTaskSourceOnCompletedFlags flags
    ) => completion.OnCompleted(continuation, state, token, flags);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation,
        object? state,
        short token,
        ValueTaskSourceOnCompletedFlags flags
    ) => completion.OnCompleted(continuation, state, token, flags);

    private static DiskTransfer Rent(MachineFile file, long offset, CancellationToken stop)
    {
        if (!Idle.TryDequeue(out var transfer))
        {
            transfer = new DiskTransfer();
        }
        transfer.file = file;
        transfer.offset = offset;
        transfer.stop = stop;
        return transfer;
    }

    private int Finish(short token)
    {
        try
        {
            return completion.GetResult(token);
        }
        finally
        {
            completion.Reset();
            file = null;
            into = default;
            parts = null;
            stop = default;
            if (Idle.Count < MaxIdle)
            {
                Idle.Enqueue(this);
            }
        }
    }
}
