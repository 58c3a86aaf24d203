using System.Buffers;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Hosting;

/// <summary>
/// Stands at the address before the service does: the service is told its address, which is known only once it is bound, and a
/// port in use is found before anything is opened. Requests that come meanwhile wait for it: a node registers while it opens, and
/// a supernode that polled it then and was sent away would come again only much later.
/// </summary>
internal sealed class Gate : IRequestHandler, IRequestFront, IDatagramHandler
{
    private static readonly HttpReply NotStarted = HttpReply.Of(503, "text/plain", "it did not start\n"u8.ToArray());
    private readonly TaskCompletionSource<IRequestHandler?> opened = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );
    private volatile IRequestFront? front;
    private volatile IDatagramHandler? datagramHandler;

    public void Open(IRequestHandler service, IRequestFront? fast, IDatagramHandler? datagrams = null)
    {
        front = fast;
        datagramHandler = datagrams;
        opened.TrySetResult(service);
    }

    /// <summary>The service did not start: who waits is sent away.</summary>
    public void Close() => opened.TrySetResult(null);

    public async ValueTask<HttpReply> HandleAsync(HttpCall call, CancellationToken stop) =>
        await opened.Task.WaitAsync(stop) is { } service ? await service.HandleAsync(call, stop) : NotStarted;

    public FrontResult Handle(ReadOnlySpan<byte> head, in Endpoint from, IBufferWriter<byte> reply) =>
        front is { } fast ? fast.Handle(head, from, reply) : FrontResult.NotMine;

    /// <summary>A datagram cannot wait: its sender asks again, and is not told meanwhile that nothing is planted here.</summary>
    public void Handle(in DatagramBatch received, ReplyBatch replies) => datagramHandler?.Handle(received, replies);
}
