using System.Net;
using System.Net.Http.Headers;
using Anatomic.Machine.Configuration;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Machine.Http.Client;

/// <summary>
/// HTTP requests over connections of <see cref="INetwork"/>. Each is pinned to one address, which stands in place of
/// the name in the client's URL; the name itself goes into the Host header, from which TLS takes what the certificate
/// must say.
/// </summary>
internal sealed class MachineHttpClient : IHttpClient, IDisposable
{
    /// <summary>For the connection of one request, when there are other addresses to try.</summary>
    private static readonly HttpRequestOptionsKey<TimeSpan> Patience = new("patience");

    private readonly INetwork network;
    private readonly HttpMessageInvoker client;

    public MachineHttpClient(INetwork network)
    {
        this.network = network;
        client = new HttpMessageInvoker(
            new SocketsHttpHandler
            {
                UseProxy = false,
                UseCookies = false,
                AllowAutoRedirect = false,
                AutomaticDecompression = DecompressionMethods.None,
                ActivityHeadersPropagator = null,
                MaxResponseHeadersLength = MachineLimits.ReplyHeadKiB,
                MaxConnectionsPerServer = MachineLimits.HttpConnectionsPerServer,
                PooledConnectionIdleTimeout = MachineLimits.HttpIdleTimeout,
                ConnectTimeout = MachineLimits.HttpConnectTimeout,
                ConnectCallback = DialAsync,
            }
        );
    }

    public async ValueTask<OutboundResponse> SendAsync(OutboundRequest ask, CancellationToken stop)
    {
        if (ask.Url is not { IsAbsoluteUri: true, Scheme: "http" or "https" })
        {
            throw new NetworkException($"{ask.Url} is no http or https URL");
        }
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stop);
        deadline.CancelAfter(ask.Timeout);
        try
        {
            return await SendToAnyAsync(ask, deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException cause)
        {
            stop.ThrowIfCancellationRequested();
            throw new NetworkException(
                $"{ask.Url.Authority} did not answer within {ask.Timeout.TotalSeconds:0.#} s",
                cause
            );
        }
        catch (UriFormatException cause)
        {
            // A host beyond ASCII that IDN has no form for: Uri takes it, and throws only when the name is about to be
            // looked up.
            throw new NetworkException($"{ask.Url.Authority} is no name of a host", cause);
        }
        catch (HttpRequestException cause)
        {
            throw HttpErrors.Of(ask, cause.HttpRequestError, cause);
        }
        catch (HttpIOException cause)
        {
            throw HttpErrors.Of(ask, cause.HttpRequestError, cause);
        }
        catch (IOException cause) when (cause is not NetworkException)
        {
            throw new NetworkException($"The connection to {ask.Url.Authority} broke: {cause.Message}", cause);
        }
    }

    public void Dispose() => client.Dispose();

    private async ValueTask<Stream> DialAsync(SocketsHttpConnectionContext context, CancellationToken stop)
    {
        var to = Endpoint.From(IPAddress.Parse(context.DnsEndPoint.Host), context.DnsEndPoint.Port);
        if (!context.InitialRequestMessage.Options.TryGetValue(Patience, out var patience))
        {
            return new ConnectionStream(await network.DialAsync(to, stop).ConfigureAwait(false));
        }
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(stop);
        bounded.CancelAfter(patience);
        try
        {
            return new ConnectionStream(await network.DialAsync(to, bounded.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException cause) when (!stop.IsCancellationRequested)
        {
            throw new NetworkException($"{to} did not answer", cause);
        }
    }

    /// <summary>One address of the name after the other, as long as none takes the connection.</summary>
    private async Task<OutboundResponse> SendToAnyAsync(OutboundRequest ask, CancellationToken stop)
    {
        if (ask.DialAddress is { } dial)
        {
            return await SendToAsync(ask, dial, patience: null, stop).ConfigureAwait(false);
        }
        var addresses = await network.ResolveAsync(ask.Url.IdnHost, stop).ConfigureAwait(false);
        for (var i = 0; ; i++)
        {
            var isLast = i + 1 == addresses.Count;
            try
            {
                // A dead address in front must leave time for a living one behind it.
                TimeSpan? patience = isLast ? null : ask.Timeout / (addresses.Count + 1);
                var to = Endpoint.From(addresses[i], ask.Url.Port);
                return await SendToAsync(ask, to, patience, stop).ConfigureAwait(false);
            }
            catch (HttpRequestException cause)
                when (!isLast
                    && cause is { HttpRequestError: HttpRequestError.ConnectionError, InnerException: NetworkException }
                )
            {
                // Nothing was sent on a connection that never was, so asking another address repeats nothing.
            }
        }
    }

    private async Task<OutboundResponse> SendToAsync(
        OutboundRequest ask,
        Endpoint to,
        TimeSpan? patience,
        CancellationToken stop
    )
    {
        using var request = RequestTo(ask, to);
        if (patience is { } bound)
        {
            request.Options.Set(Patience, bound);
        }
        using var response = await client.SendAsync(request, stop).ConfigureAwait(false);
        if (response.Content.Headers.ContentLength > ask.MaxResponseBytes)
        {
            throw HttpErrors.TooLong(ask);
        }
        var body = await ReadBodyAsync(ask, response, stop).ConfigureAwait(false);
        var headers = new Dictionary<string, string>();
        Add(headers, response.Headers.NonValidated);
        Add(headers, response.Content.Headers.NonValidated);
        var reply = new HttpResponse
        {
            Status = (int)response.StatusCode,
            Headers = headers,
            Body = body,
        };
        return new OutboundResponse(reply, to);
    }

    private static HttpRequestMessage RequestTo(OutboundRequest ask, Endpoint to)
    {
        var request = new HttpRequestMessage(
            new HttpMethod(ask.Method),
            // Canonical already, or deliberately not: it goes out as the caller's URL has it.
            new Uri(
                $"{ask.Url.Scheme}://{to}{ask.Url.PathAndQuery}",
                new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }
            )
        );
        var host = ask.Url.HostNameType == UriHostNameType.IPv6 ? $"[{ask.Url.IdnHost}]" : ask.Url.IdnHost;
        request.Headers.Host = ask.Url.IsDefaultPort ? host : $"{host}:{ask.Url.Port}";
        if (ask.Body.Length > 0 || ask.Method is "POST" or "PUT")
        {
            request.Content = new ReadOnlyMemoryContent(ask.Body);
        }
        foreach (var (name, value) in ask.Headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, value);
            }
        }
        return request;
    }

    private static async Task<ReadOnlyMemory<byte>> ReadBodyAsync(
        OutboundRequest ask,
        HttpResponseMessage response,
        CancellationToken stop
    )
    {
        await using var stream = await response.Content.ReadAsStreamAsync(stop).ConfigureAwait(false);
        var expected = (int)(response.Content.Headers.ContentLength ?? Math.Min(4096, ask.MaxResponseBytes));
        var bytes = new byte[expected];
        var length = 0;
        while (true)
        {
            if (length == bytes.Length)
            {
                // One byte more than is taken shows a reply that is too long.
                var room = (int)Math.Min(Math.Max(2L * length, 256), ask.MaxResponseBytes + 1L);
                Array.Resize(ref bytes, Math.Max(room, length + 1));
            }
            var read = await stream.ReadAsync(bytes.AsMemory(length), stop).ConfigureAwait(false);
            length += read;
            if (length > ask.MaxResponseBytes)
            {
                throw HttpErrors.TooLong(ask);
            }
            if (read == 0)
            {
                return bytes.AsMemory(0, length);
            }
        }
    }

    private static void Add(Dictionary<string, string> into, HttpHeadersNonValidated headers)
    {
        foreach (var (name, values) in headers)
        {
            into[name.ToLowerInvariant()] = values.ToString();
        }
    }
}
