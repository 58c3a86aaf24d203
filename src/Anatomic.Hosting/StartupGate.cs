using System.Buffers;
using System.Text;
using Anatomic.Tracker;
using Anatomic.Wire;
using Anatomic.Wire.Http;
using Anatomic.Wire.Proxies;
using Anatomic.World;

namespace Anatomic.Hosting;

/// <summary>
/// Stands at the address before the service does: the service is told its address, which is known only once it is bound, and a
/// port in use is found before anything is opened. Requests that come meanwhile wait for it: a node registers while it opens, and
/// a supernode that polled it then and was sent away would come again only much later. Only who asks whether it is ready
/// (<c>/readyz</c>) or alive (<c>/healthz</c>) is answered at once.
/// </summary>
/// <param name="clients">Who is believed about whom a request comes from.</param>
internal sealed class StartupGate(ForwardedFor clients) : IRequestHandler, IRequestFront, IDatagramHandler
{
    private static readonly HttpResponse StartFailed = Line(503, "it did not start");
    private static readonly HttpResponse Alive = Line(200, "ok");
    private readonly TaskCompletionSource<IRequestHandler?> opened = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );
    private volatile IRequestFront? front;
    private volatile IDatagramHandler? datagramHandler;
    private volatile Standing standing;

    private enum Standing
    {
        Starting,
        Ready,
        Stopping,
    }

    public void Open(IRequestHandler service, IRequestFront? fast, IDatagramHandler? datagrams = null)
    {
        front = fast;
        datagramHandler = datagrams;
        standing = Standing.Ready;
        opened.TrySetResult(service);
    }

    /// <summary>It is not ready any more, and answers on until its servers end.</summary>
    public void BeginStop() => standing = Standing.Stopping;

    /// <summary>The service did not start: who waits is sent away.</summary>
    public void Close() => opened.TrySetResult(null);

    public async ValueTask<HttpResponse> HandleAsync(InboundRequest call, CancellationToken stop)
    {
        if (call.Path == "/readyz")
        {
            return call.Method is "GET" or "HEAD" ? Readiness() : Line(405, "GET it");
        }
        if (call.Path == "/healthz" && standing == Standing.Starting)
        {
            return Alive;
        }
        if (await opened.Task.WaitAsync(stop) is not { } service)
        {
            return StartFailed;
        }
        var header = call.Headers.GetValueOrDefault("x-forwarded-for", "");
        var client = header.Length == 0 ? call.From : clients.Of(call.From, Encoding.Latin1.GetBytes(header));
        return await service.HandleAsync(call with { From = client }, stop);
    }

    public void Prefetch(in RequestBatch requests) => front?.Prefetch(requests);

    public FrontResult Handle(in RequestHead head, in Endpoint from, IBufferWriter<byte> reply) =>
        front is { } fast ? fast.Handle(head, from, reply) : FrontResult.PassThrough;

    public IReadOnlyList<DatagramPattern> Patterns => TrackerService.DatagramPatterns;

    /// <summary>A datagram cannot wait: its sender asks again, and is not told meanwhile that nothing is planted here.</summary>
    public void Handle(in DatagramBatch received, ReplyBatch replies) => datagramHandler?.Handle(received, replies);

    private HttpResponse Readiness() =>
        standing switch
        {
            Standing.Ready => Line(200, "ready"),
            Standing.Stopping => Line(503, "stopping"),
            _ => Line(503, "starting"),
        };

    private static HttpResponse Line(int status, string line) =>
        HttpResponse.Of(status, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(line + "\n"));
}
