using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Machine.Http;

/// <summary>
/// HTTP requests over connections of <see cref="INetwork"/>. Each is pinned to one address, which stands in place of the name
/// in the client's URL; the name itself goes into the Host header, from which TLS takes what the certificate must say.
/// </summary>
internal sealed class MachineExchange : IExchange, IDisposable
{
    private readonly INetwork network;
    private readonly HttpMessageInvoker client;

    public MachineExchange(INetwork network)
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
                MaxConnectionsPerServer = MachineLimits.ExchangeConnectionsPerServer,
                PooledConnectionIdleTimeout = MachineLimits.ExchangeIdle,
                ConnectTimeout = MachineLimits.ExchangeConnect,
                ConnectCallback = async (context, stop) =>
                {
                    var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
                    var to = Endpoint.From(IPAddress.Parse(host), port);
                    return new ConnectionStream(await network.DialAsync(to, stop).ConfigureAwait(false));
                },
            }
        );
    }

    public async ValueTask<HttpReceived> SendAsync(HttpAsk ask, CancellationToken stop)
    {
        if (ask.Url is not { IsAbsoluteUri: true, Scheme: "http" or "https" })
        {
            throw new NetworkException($"{ask.Url} is no http or https URL");
        }
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stop);
        deadline.CancelAfter(ask.Deadline);
        try
        {
            return await SendToAnyAsync(ask, deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException cause)
        {
            stop.ThrowIfCancellationRequested();
            throw new NetworkException(
                $"{ask.Url.Authority} did not answer within {ask.Deadline.TotalSeconds:0.#} s",
                cause
            );
        }
        catch (HttpRequestException cause)
        {
            throw Sentence(ask, cause.HttpRequestError, cause);
        }
        catch (HttpIOException cause)
        {
            throw Sentence(ask, cause.HttpRequestError, cause);
        }
        catch (IOException cause) when (cause is not NetworkException)
        {
            throw new NetworkException($"The connection to {ask.Url.Authority} broke: {cause.Message}", cause);
        }
    }

    public void Dispose() => client.Dispose();

    /// <summary>One address of the name after the other, as long as none takes the connection.</summary>
    private async Task<HttpReceived> SendToAnyAsync(HttpAsk ask, CancellationToken stop)
    {
        if (ask.Dial is { } dial)
        {
            return await SendToAsync(ask, dial, stop).ConfigureAwait(false);
        }
        var addresses = await network.ResolveAsync(ask.Url.IdnHost, stop).ConfigureAwait(false);
        for (var i = 0; ; i++)
        {
            try
            {
                return await SendToAsync(ask, Endpoint.From(addresses[i], ask.Url.Port), stop).ConfigureAwait(false);
            }
            catch (HttpRequestException cause)
                when (i + 1 < addresses.Count && cause.InnerException is NetworkException)
            {
                // Nothing was sent on a connection that never was, so asking another address repeats nothing.
            }
        }
    }

    private async Task<HttpReceived> SendToAsync(HttpAsk ask, Endpoint to, CancellationToken stop)
    {
        using var request = RequestTo(ask, to);
        using var response = await client.SendAsync(request, stop).ConfigureAwait(false);
        if (response.Content.Headers.ContentLength > ask.MaxReplyBytes)
        {
            throw TooLong(ask);
        }
        var body = await ReadBodyAsync(ask, response, stop).ConfigureAwait(false);
        var headers = new Dictionary<string, string>();
        Add(headers, response.Headers.NonValidated);
        Add(headers, response.Content.Headers.NonValidated);
        return new HttpReceived(
            new HttpReply
            {
                Status = (int)response.StatusCode,
                Headers = headers,
                Body = body,
            },
            to
        );
    }

    private static HttpRequestMessage RequestTo(HttpAsk ask, Endpoint to)
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
        HttpAsk ask,
        HttpResponseMessage response,
        CancellationToken stop
    )
    {
        await using var stream = await response.Content.ReadAsStreamAsync(stop).ConfigureAwait(false);
        var expected = (int)(response.Content.Headers.ContentLength ?? Math.Min(4096, ask.MaxReplyBytes));
        var bytes = new byte[expected];
        var length = 0;
        while (true)
        {
            if (length == bytes.Length)
            {
                // One byte more than is taken shows a reply that is too long.
                var room = (int)Math.Min(Math.Max(2L * length, 256), ask.MaxReplyBytes + 1L);
                Array.Resize(ref bytes, Math.Max(room, length + 1));
            }
            var read = await stream.ReadAsync(bytes.AsMemory(length), stop).ConfigureAwait(false);
            length += read;
            if (length > ask.MaxReplyBytes)
            {
                throw TooLong(ask);
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

    private static NetworkException TooLong(HttpAsk ask) =>
        new($"{ask.Url.Authority} answered with more than the {ask.MaxReplyBytes:N0} bytes that are taken");

    private static NetworkException Sentence(HttpAsk ask, HttpRequestError error, Exception cause)
    {
        if (cause.InnerException is NetworkException dial)
        {
            return dial;
        }
        var who = ask.Url.Authority;
        var what = error switch
        {
            _ when cause.InnerException is AuthenticationException tls =>
                $"{who} could not show a certificate that this machine trusts: {tls.Message}",
            HttpRequestError.ResponseEnded => $"{who} broke the connection off before its answer was complete",
            HttpRequestError.InvalidResponse => $"{who} answered with something that is not HTTP",
            HttpRequestError.ConfigurationLimitExceeded => $"{who} answered with more header lines than are taken",
            _ => $"The exchange with {who} failed: {cause.Message}",
        };
        return new NetworkException(what, cause);
    }
}
