using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Engine.Tests.Peers;

/// <summary>
/// A connection whose remote side has sent everything at once: each receive completes at once, like a socket with data.
/// </summary>
internal sealed class ScriptedConnection(params IReadOnlyList<byte[]> received) : IConnection
{
    private int part;
    private int at;

    public Endpoint Local => Endpoint.FromV4(0x7f000001, 1);
    public Endpoint Remote { get; init; } = Endpoint.FromV4(0x08080808, 6881);

    /// <summary>Everything that was sent to the remote side.</summary>
    public List<byte> Sent { get; } = [];

    /// <summary>The sizes of the buffers that were offered for receives.</summary>
    public List<int> Offered { get; } = [];

    public ValueTask<int> ReceiveAsync(Memory<byte> into, CancellationToken stop)
    {
        Offered.Add(into.Length);
        if (part == received.Count)
        {
            return ValueTask.FromResult(0);
        }
        var count = Math.Min(into.Length, received[part].Length - at);
        received[part].AsMemory(at, count).CopyTo(into);
        at += count;
        if (at == received[part].Length)
        {
            part++;
            at = 0;
        }
        return ValueTask.FromResult(count);
    }

    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        Sent.AddRange(bytes.Span);
        return ValueTask.CompletedTask;
    }

    public async ValueTask SendAsync(IReadOnlyList<ReadOnlyMemory<byte>> parts, CancellationToken stop)
    {
        foreach (var sent in parts)
        {
            await SendAsync(sent, stop);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
