using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Anatomic.Machine.Configuration;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Machine.Http.Client;

/// <summary>
/// Sends HTTP requests over connections of <see cref="INetwork"/>. Each request is pinned to one address, which
/// replaces the name in the URL of the underlying client. The name goes into the Host header, against which TLS checks
/// the certificate.
/// </summary>
internal sealed class MachineHttpClient : IHttpClient, IDisposable
{
    /// <summary>The timeout for connecting, when there are other addresses to try.</summary>
    private static readonly HttpRequestOptionsKey<TimeSpan> DialTimeout = new("dial-timeout");

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

    public async ValueTask<OutboundResponse> SendAsync(OutboundRequest request, CancellationToken stop)
    {
        if (request.Url is not { IsAbsoluteUri: true, Scheme: "http" or "https" })
        {
            throw new NetworkException($"{request.Url} is not an http or https URL");
        }
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stop);
        deadline.CancelAfter(request.Timeout);
        try
        {
            return await SendToAnyAsync(request, deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException cause)
        {
            stop.ThrowIfCancellationRequested();
            throw new NetworkException(
                $"{request.Url.Authority} did not answer within {request.Timeout.TotalSeconds:0.#} s",
                cause
            );
        }
        catch (UriFormatException cause)
        {
            // Uri accepts names that IDN cannot encode, and throws only when the encoded name is read.
            throw new NetworkException($"{request.Url.Authority} is not a valid host name", cause);
        }
        catch (HttpRequestException cause)
        {
            throw HttpErrors.Of(request, cause.HttpRequestError, cause);
        }
        catch (HttpIOException cause)
        {
            throw HttpErrors.Of(request, cause.HttpRequestError, cause);
        }
        catch (IOException cause) when (cause is not NetworkException)
        {
            throw new NetworkException($"The connection to {request.Url.Authority} failed: {cause.Message}", cause);
        }
    }

    public void Dispose() => client.Dispose();

    private async ValueTask<Stream> DialAsync(SocketsHttpConnectionContext context, CancellationToken stop)
    {
        var to = Endpoint.From(IPAddress.Parse(context.DnsEndPoint.Host), context.DnsEndPoint.Port);
        if (!context.InitialRequestMessage.Options.TryGetValue(DialTimeout, out var timeout))
        {
            return new ConnectionStream(await network.DialAsync(to, stop).ConfigureAwait(false));
        }
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stop);
        deadline.CancelAfter(timeout);
        try
        {
            return new ConnectionStream(await network.DialAsync(to, deadline.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException cause) when (!stop.IsCancellationRequested)
        {
            throw new NetworkException($"{to} did not answer", cause);
        }
    }

    /// <summary>Tries the addresses of the name in turn until one accepts the connection.</summary>
    private async Task<OutboundResponse> SendToAnyAsync(OutboundRequest request, CancellationToken stop)
    {
        if (request.DialAddress is { } dial)
        {
            return await SendToAsync(request, dial, dialTimeout: null, stop).ConfigureAwait(false);
        }
        var addresses = await network.ResolveAsync(request.Url.IdnHost, stop).ConfigureAwait(false);
        for (var i = 0; ; i++)
        {
            var isLast = i + 1 == addresses.Count;
            try
            {
                // A dead address must leave time for the next one.
                TimeSpan? dialTimeout = isLast ? null : request.Timeout / (addresses.Count + 1);
                var to = Endpoint.From(addresses[i], request.Url.Port);
                return await SendToAsync(request, to, dialTimeout, stop).ConfigureAwait(false);
            }
            catch (HttpRequestException cause)
                when (!isLast
                    && cause is { HttpRequestError: HttpRequestError.ConnectionError, InnerException: NetworkException }
                )
            {
                // Nothing has been sent without a connection, so the next address repeats nothing.
            }
        }
    }

    private async Task<OutboundResponse> SendToAsync(
        OutboundRequest request,
        Endpoint to,
        TimeSpan? dialTimeout,
        CancellationToken stop
    )
    {
        using var message = CreateMessage(request, to);
        if (dialTimeout is { } timeout)
        {
            message.Options.Set(DialTimeout, timeout);
        }
        using var response = await client.SendAsync(message, stop).ConfigureAwait(false);
        if (response.Content.Headers.ContentLength > request.MaxResponseBytes)
        {
            throw HttpErrors.TooLong(request);
        }
        var headers = new Dictionary<string, string>();
        Add(headers, response.Headers.NonValidated);
        Add(headers, response.Content.Headers.NonValidated);
        var body = await ReadBodyAsync(request, response, stop).ConfigureAwait(false);
        if (headers.Remove("content-encoding", out var encoding))
        {
            body = await ContentDecoder
                .DecodeAsync(request, encoding.Trim().ToLowerInvariant(), body, stop)
                .ConfigureAwait(false);
            headers.Remove("content-length");
        }
        var result = new HttpResponse
        {
            Status = (int)response.StatusCode,
            Headers = headers,
            Body = body,
        };
        return new OutboundResponse(result, to);
    }

    private static HttpRequestMessage CreateMessage(OutboundRequest request, Endpoint to)
    {
        var message = new HttpRequestMessage(
            new HttpMethod(request.Method),
            // The caller's URL is sent as it is: it is canonical already, or deliberately not.
            new Uri(
                $"{request.Url.Scheme}://{to}{request.Url.PathAndQuery}",
                new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }
            )
        );
        var host = request.Url.HostNameType == UriHostNameType.IPv6 ? $"[{request.Url.IdnHost}]" : request.Url.IdnHost;
        message.Headers.Host = request.Url.IsDefaultPort ? host : $"{host}:{request.Url.Port}";
        if (request.Body.Length > 0 || request.Method is "POST" or "PUT")
        {
            message.Content = new ReadOnlyMemoryContent(request.Body);
        }
        foreach (var (name, value) in request.Headers)
        {
            if (!message.Headers.TryAddWithoutValidation(name, value))
            {
                message.Content?.Headers.TryAddWithoutValidation(name, value);
            }
        }
        if (!message.Headers.Contains("accept-encoding"))
        {
            message.Headers.TryAddWithoutValidation("accept-encoding", ContentDecoder.Accepted);
        }
        if (request.Url.UserInfo.Length > 0 && !message.Headers.Contains("authorization"))
        {
            message.Headers.Authorization = new AuthenticationHeaderValue("Basic", CredentialsOf(request.Url));
        }
        return message;
    }

    /// <summary>The user and password of a URL, for basic authentication (RFC 7617).</summary>
    private static string CredentialsOf(Uri url)
    {
        var colon = url.UserInfo.IndexOf(':', StringComparison.Ordinal);
        var user = colon < 0 ? url.UserInfo : url.UserInfo[..colon];
        var password = colon < 0 ? "" : url.UserInfo[(colon + 1)..];
        var credentials = $"{Uri.UnescapeDataString(user)}:{Uri.UnescapeDataString(password)}";
        return Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials));
    }

    private static async Task<ReadOnlyMemory<byte>> ReadBodyAsync(
        OutboundRequest request,
        HttpResponseMessage response,
        CancellationToken stop
    )
    {
        await using var stream = await response.Content.ReadAsStreamAsync(stop).ConfigureAwait(false);
        var expected = response.Content.Headers.ContentLength ?? 4096;
        return await BodyReader.ReadAsync(stream, request, expected, stop).ConfigureAwait(false);
    }

    private static void Add(Dictionary<string, string> into, HttpHeadersNonValidated headers)
    {
        foreach (var (name, values) in headers)
        {
            into[name.ToLowerInvariant()] = values.ToString();
        }
    }
}
