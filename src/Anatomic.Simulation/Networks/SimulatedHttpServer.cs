using System.Buffers;
using System.Text;
using Anatomic.Simulation.Scheduling;
using Anatomic.Simulation.Tracing;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Simulation.Networks;

/// <summary>An HTTP server without bytes on the way: the front sees the head that the machine would have read, then the handler.</summary>
internal sealed class SimulatedHttpServer(SimulatedNetwork network, Endpoint at, HttpServerOptions server)
    : IRunningServer
{
    private readonly CancellationTokenSource closing = new();

    public Endpoint Local { get; } = at;

    public async Task<HttpResponse> AnswerAsync(OutboundRequest ask, Endpoint from)
    {
        network.Process.Scheduler.Add(
            network.Process,
            TraceKind.Ask,
            $"{from} {ask.Method} {ask.Url.PathAndQuery}",
            ask.Body.Length,
            StableHash.Of(ask.Body.Span)
        );
        network.Internet.Watcher?.OnRequest(network.Host, ask, from);
        if (server.Front is { } front)
        {
            var reply = new ArrayBufferWriter<byte>();
            if (front.Handle(Head(ask), from, reply) != FrontResult.PassThrough)
            {
                return RawHttpResponse.Read(reply.WrittenSpan);
            }
        }
        if (ask.Body.Length > server.MaxBodyBytes)
        {
            return HttpResponse.Of(413, "text/plain", "the body is too long"u8.ToArray());
        }
        return await HandleAsync(ask, from);
    }

    public ValueTask DisposeAsync()
    {
        network.Streams.Free(Local);
        closing.Cancel();
        return ValueTask.CompletedTask;
    }

    private async Task<HttpResponse> HandleAsync(OutboundRequest ask, Endpoint from)
    {
        var call = new InboundRequest
        {
            Method = ask.Method.ToUpperInvariant(),
            Target = ask.Url.PathAndQuery,
            Headers = Headers(ask),
            Body = ask.Body,
            From = from,
        };
        try
        {
            return await server.Handler.HandleAsync(call, closing.Token);
        }
        catch (Exception failed)
        {
            if (failed is not (IOException or OperationCanceledException))
            {
                network.Process.Scheduler.Fail(
                    new SimulationException(
                        SimulationFault.Unobserved,
                        $"{network.Host.Name}: {call.Method} {call.Target} ended in an exception: {failed.Message}",
                        failed
                    )
                );
            }
            return HttpResponse.Of(500, "text/plain", "internal error"u8.ToArray());
        }
    }

    private static SortedDictionary<string, string> Headers(OutboundRequest ask)
    {
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["host"] = ask.Url.Authority };
        foreach (var (name, value) in ask.Headers)
        {
            headers[name.ToLowerInvariant()] = value;
        }
        if (ask.Body.Length > 0)
        {
            headers["content-length"] = $"{ask.Body.Length}";
        }
        return headers;
    }

    private static byte[] Head(OutboundRequest ask)
    {
        var head = new StringBuilder($"{ask.Method} {ask.Url.PathAndQuery} HTTP/1.1\r\n");
        foreach (var (name, value) in Headers(ask))
        {
            head.Append(name).Append(": ").Append(value).Append("\r\n");
        }
        return Encoding.Latin1.GetBytes(head.Append("\r\n").ToString());
    }
}
