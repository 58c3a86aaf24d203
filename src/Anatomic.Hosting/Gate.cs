using System.Buffers;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Hosting;

/// <summary>
/// Stands at the address before the service does: the service is told its address, which is known only once it is bound, and a
/// port in use is found before anything is opened. Until then every request is answered 503.
/// </summary>
internal sealed class Gate : IRequestHandler, IRequestFront
{
    private static readonly HttpReply Starting = HttpReply.Of(503, "text/plain", "starting\n"u8.ToArray());
    private volatile IRequestHandler? handler;
    private volatile IRequestFront? front;

    public void Open(IRequestHandler service, IRequestFront? fast)
    {
        front = fast;
        handler = service;
    }

    public ValueTask<HttpReply> HandleAsync(HttpCall call, CancellationToken stop) =>
        handler is { } service ? service.HandleAsync(call, stop) : ValueTask.FromResult(Starting);

    public FrontResult Handle(ReadOnlySpan<byte> head, in Endpoint from, IBufferWriter<byte> reply) =>
        front is { } fast ? fast.Handle(head, from, reply) : FrontResult.NotMine;
}
