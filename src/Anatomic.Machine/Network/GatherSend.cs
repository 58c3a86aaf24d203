using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading.Tasks.Sources;

namespace Anatomic.Machine.Network;

/// <summary>
/// One vectored send at a time, without allocation: the parts go out in one system call if the kernel has space.
/// </summary>
internal sealed class GatherSend : SocketAsyncEventArgs, IValueTaskSource
{
    private readonly List<ArraySegment<byte>> segments = new(16);
    private ManualResetValueTaskSourceCore<bool> done;

    // The awaiting code resumes on its own loop anyway; a detour over the thread pool would only delay it.
    public GatherSend()
        : base(true) { }

    /// <summary>Bytes not yet sent.</summary>
    public long Left { get; private set; }

    public void Load(IReadOnlyList<ReadOnlyMemory<byte>> parts)
    {
        for (var i = 0; i < parts.Count; i++)
        {
            var part = parts[i];
            if (part.Length > 0)
            {
                segments.Add(MemoryMarshal.TryGetArray(part, out var segment) ? segment : part.ToArray());
                Left += part.Length;
            }
        }
    }

    public ValueTask SendAsync(Socket socket)
    {
        done.Reset();
        BufferList = segments;
        if (socket.SendAsync(this))
        {
            return new ValueTask(this, done.Version);
        }
        return CompleteSend() is { } fault ? ValueTask.FromException(fault) : ValueTask.CompletedTask;
    }

    public void Clear()
    {
        BufferList = null;
        segments.Clear();
        Left = 0;
    }

    protected override void OnCompleted(SocketAsyncEventArgs e)
    {
        if (CompleteSend() is { } fault)
        {
            done.SetException(fault);
        }
        else
        {
            done.SetResult(true);
        }
    }

    void IValueTaskSource.GetResult(short token) => done.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => done.GetStatus(token);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation,
        object? state,
        short token,
        ValueTaskSourceOnCompletedFlags flags
    ) => done.OnCompleted(continuation, state, token, flags);

    private SocketException? CompleteSend()
    {
        if (SocketError != SocketError.Success)
        {
            return new SocketException((int)SocketError);
        }
        Left -= BytesTransferred;
        var sent = BytesTransferred;
        while (sent > 0 && sent >= segments[0].Count)
        {
            sent -= segments[0].Count;
            segments.RemoveAt(0);
        }
        if (sent > 0)
        {
            segments[0] = segments[0][sent..];
        }
        return null;
    }
}
