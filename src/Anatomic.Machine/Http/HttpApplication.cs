using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Anatomic.Machine.Configuration;
using Anatomic.Machine.Http.Requests;
using Anatomic.World;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Endpoint = Anatomic.Wire.Endpoint;

namespace Anatomic.Machine.Http;

/// <summary>
/// Called by Kestrel for each request: reads the body up to the limit, calls the handler, and writes the response.
/// </summary>
internal sealed class HttpApplication(HttpServerOptions server, FrontInvoker? front, Action<Exception> unhandled)
    : IHttpApplication<HttpContext>
{
    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public void DisposeContext(HttpContext context, Exception? exception)
    {
        // A DefaultHttpContext without a pool holds nothing.
    }

    public async Task ProcessRequestAsync(HttpContext context)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        timeout.CancelAfter(MachineLimits.RequestTimeout);
        World.HttpResponse response;
        try
        {
            response = await AnswerAsync(context, timeout.Token).ConfigureAwait(false);
        }
        catch (BadHttpRequestException bad)
        {
            response = Line(
                bad.StatusCode,
                bad.StatusCode == 413 ? TooLong() : "The request body is incomplete or malformed"
            );
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            response = Line(503, "The server could not answer in time; try again later");
        }
        catch (Exception fault)
        {
            unhandled(fault);
            response = Line(500, "The server could not answer this");
        }
        await WriteAsync(context, response).ConfigureAwait(false);
    }

    private async ValueTask<World.HttpResponse> AnswerAsync(HttpContext context, CancellationToken stop)
    {
        var request = RequestOf(context);
        if (front is not null && FrontAdapter.TryAnswer(front, request, out var answer))
        {
            return answer;
        }
        var length = context.Request.ContentLength;
        if (length > server.MaxBodyBytes)
        {
            // The body is not read, so the connection cannot be used again.
            context.Response.Headers.Connection = "close";
            return Line(413, TooLong());
        }
        var body = length == 0 ? default : await ReadBodyAsync(context.Request.BodyReader, stop).ConfigureAwait(false);
        return await server.Handler.HandleAsync(request with { Body = body }, stop).ConfigureAwait(false);
    }

    private static InboundRequest RequestOf(HttpContext context)
    {
        var request = context.Features.GetRequiredFeature<IHttpRequestFeature>();
        var headers = new Dictionary<string, string>(request.Headers.Count, StringComparer.Ordinal);
        foreach (var (name, values) in request.Headers)
        {
            headers[name.ToLowerInvariant()] = string.Join(", ", values.ToArray());
        }
        var connection = context.Features.GetRequiredFeature<IHttpConnectionFeature>();
        return new InboundRequest
        {
            Method = request.Method,
            Target = OriginForm(request.RawTarget),
            Headers = headers,
            From = connection.RemoteIpAddress is { } address ? Endpoint.From(address, connection.RemotePort) : default,
        };
    }

    /// <summary>Proxies may send the whole URL (RFC 9112, 3.2.2); the handler gets only path and query.</summary>
    private static string OriginForm(string target)
    {
        var scheme = target.StartsWith('/') ? -1 : target.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0)
        {
            return target;
        }
        var path = target.AsSpan(scheme + 3).IndexOfAny('/', '?');
        return path < 0 ? "/"
            : target[(scheme + 3 + path)..] is ['?', ..] query ? "/" + query
            : target[(scheme + 3 + path)..];
    }

    private static async ValueTask<ReadOnlyMemory<byte>> ReadBodyAsync(PipeReader body, CancellationToken stop)
    {
        // Kestrel enforces the limit, for bodies of unknown length as well.
        while (true)
        {
            var read = await body.ReadAsync(stop).ConfigureAwait(false);
            if (read.IsCompleted)
            {
                var bytes = read.Buffer.ToArray();
                body.AdvanceTo(read.Buffer.End);
                return bytes;
            }
            body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static async Task WriteAsync(HttpContext context, World.HttpResponse response)
    {
        var output = context.Response;
        output.StatusCode = response.Status;
        foreach (var (name, value) in response.Headers)
        {
            output.Headers[name] = value;
        }
        // These have no body and no Content-Length (RFC 9110, 6.4.1 and 8.6).
        if (response.Status is 204 or 304 or < 200)
        {
            return;
        }
        output.ContentLength = response.Body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await output.BodyWriter.WriteAsync(response.Body).ConfigureAwait(false);
        }
    }

    private string TooLong() => RequestHeadValidator.BodyTooLong(server.MaxBodyBytes);

    private static World.HttpResponse Line(int status, string line) =>
        World.HttpResponse.Of(status, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(line + "\n"));
}
