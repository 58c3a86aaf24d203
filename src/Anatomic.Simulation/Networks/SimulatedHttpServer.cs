using System.Buffers;
using System.Text;
using Anatomic.Simulation.Scheduling;
using Anatomic.Simulation.Tracing;
using Anatomic.Wire;
using Anatomic.Wire.Http;
using Anatomic.World;

namespace Anatomic.Simulation.Networks;

/// <summary>
/// An HTTP server that is called without bytes on the way. The front sees the head that the machine would have read;
/// what it passes on goes to the handler.
/// </summary>
internal sealed class SimulatedHttpServer(SimulatedNetwork network, Endpoint local, HttpServerOptions options)
    : IRunningServer
{
    private readonly CancellationTokenSource closing = new();

    public Endpoint Local { get; } = local;

    public async Task<HttpResponse> RespondAsync(OutboundRequest request, Endpoint from)
    {
        network.Process.Scheduler.Record(
            network.Process,
            TraceKind.RequestReceived,
            $"from={from} {request.Method} {request.Url.PathAndQuery}",
            request.Body.Length,
            StableHash.Of(request.Body.Span)
        );
        network.Internet.Watcher?.OnRequest(network.Host, request, from);
        if (
            options.Front is { } front
            && HeadOf(request) is var bytes
            && RequestHeadReader.TryRead(bytes, out var head)
        )
        {
            var response = new ArrayBufferWriter<byte>();
            if (front.Handle(new RequestHead(bytes, head), from, response) != FrontResult.PassThrough)
            {
                return RawHttpResponse.Parse(response.WrittenSpan);
            }
        }
        if (request.Body.Length > options.MaxBodyBytes)
        {
            return HttpResponse.Of(413, "text/plain", "the body is too long"u8.ToArray());
        }
        return await HandleAsync(request, from);
    }

    public ValueTask DisposeAsync()
    {
        network.Streams.Free(Local);
        closing.Cancel();
        return ValueTask.CompletedTask;
    }

    private async Task<HttpResponse> HandleAsync(OutboundRequest outbound, Endpoint from)
    {
        var request = new InboundRequest
        {
            Method = outbound.Method.ToUpperInvariant(),
            Target = outbound.Url.PathAndQuery,
            Headers = Headers(outbound),
            Body = outbound.Body,
            From = from,
        };
        try
        {
            return await options.Handler.HandleAsync(request, closing.Token);
        }
        catch (Exception failed)
        {
            if (failed is not (IOException or OperationCanceledException))
            {
                network.Process.Scheduler.Fail(
                    new SimulationException(
                        SimulationFault.Unobserved,
                        $"{network.Host.Name}: {request.Method} {request.Target} failed: {failed.Message}",
                        failed
                    )
                );
            }
            return HttpResponse.Of(500, "text/plain", "internal error"u8.ToArray());
        }
    }

    private static SortedDictionary<string, string> Headers(OutboundRequest request)
    {
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["host"] = request.Url.Authority };
        foreach (var (name, value) in request.Headers)
        {
            headers[name.ToLowerInvariant()] = value;
        }
        if (request.Body.Length > 0)
        {
            headers["content-length"] = $"{request.Body.Length}";
        }
        return headers;
    }

    private static byte[] HeadOf(OutboundRequest request)
    {
        var head = new StringBuilder($"{request.Method} {request.Url.PathAndQuery} HTTP/1.1\r\n");
        foreach (var (name, value) in Headers(request))
        {
            head.Append(name).Append(": ").Append(value).Append("\r\n");
        }
        return Encoding.Latin1.GetBytes(head.Append("\r\n").ToString());
    }
}
