using System.Buffers;
using System.Text;
using Anatomic.Tracker;
using Anatomic.Wire;
using Anatomic.Wire.Http;
using Anatomic.Wire.Proxies;
using Anatomic.World;

namespace Anatomic.Hosting;

/// <summary>
/// Serves the addresses of a host before its service has started. The addresses are bound first, because the service
/// needs their ports, and because a port in use should fail the start before any store is opened.
/// </summary>
/// <remarks>
/// Requests wait until the service has started. A node registers during its start, and a supernode whose first poll
/// failed would poll again only much later. Only <c>/readyz</c> and <c>/healthz</c> are answered at once.
/// </remarks>
/// <param name="forwardedFor">Finds a request's client behind trusted proxies.</param>
internal sealed class StartupGate(ForwardedFor forwardedFor) : IRequestHandler, IRequestFront, IDatagramHandler
{
    private static readonly HttpResponse StartFailed = Line(503, "the service did not start");
    private static readonly HttpResponse Alive = Line(200, "ok");
    private readonly TaskCompletionSource<IRequestHandler?> opened = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );
    private volatile IRequestFront? front;
    private volatile IDatagramHandler? datagramHandler;
    private volatile State state;

    private enum State
    {
        Starting,
        Ready,
        Stopping,
    }

    /// <summary>The service has started: waiting and later requests go to it.</summary>
    public void Open(IRequestHandler service, IRequestFront? requestFront, IDatagramHandler? datagrams = null)
    {
        front = requestFront;
        datagramHandler = datagrams;
        state = State.Ready;
        opened.TrySetResult(service);
    }

    /// <summary>Reports "not ready" from now on. Requests are answered until the servers stop.</summary>
    public void BeginStop() => state = State.Stopping;

    /// <summary>The service did not start: waiting requests get status 503.</summary>
    public void Close() => opened.TrySetResult(null);

    public async ValueTask<HttpResponse> HandleAsync(InboundRequest request, CancellationToken stop)
    {
        if (request.Path == "/readyz")
        {
            return request.Method is "GET" or "HEAD" ? Readiness() : Line(405, "use GET");
        }
        if (request.Path == "/healthz" && state == State.Starting)
        {
            return Alive;
        }
        if (await opened.Task.WaitAsync(stop) is not { } service)
        {
            return StartFailed;
        }
        var header = request.Headers.GetValueOrDefault("x-forwarded-for", "");
        var client =
            header.Length == 0 ? request.From : forwardedFor.Of(request.From, Encoding.Latin1.GetBytes(header));
        return await service.HandleAsync(request with { From = client }, stop);
    }

    public void Prefetch(in RequestBatch requests) => front?.Prefetch(requests);

    public FrontResult Handle(in RequestHead head, in Endpoint from, IBufferWriter<byte> reply) =>
        front is { } current ? current.Handle(head, from, reply) : FrontResult.PassThrough;

    public IReadOnlyList<DatagramPattern> Patterns => TrackerService.DatagramPatterns;

    /// <summary>
    /// Drops datagrams until the service has started. Their senders retry, and get no wrong "not planted" meanwhile.
    /// </summary>
    public void Handle(in DatagramBatch received, ReplyBatch replies) => datagramHandler?.Handle(received, replies);

    private HttpResponse Readiness() =>
        state switch
        {
            State.Ready => Line(200, "ready"),
            State.Stopping => Line(503, "stopping"),
            _ => Line(503, "starting"),
        };

    private static HttpResponse Line(int status, string text) =>
        HttpResponse.Of(status, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(text + "\n"));
}
