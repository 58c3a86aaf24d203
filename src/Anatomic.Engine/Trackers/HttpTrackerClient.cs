using Anatomic.Wire;
using Anatomic.Wire.Trackers;
using Anatomic.World;

namespace Anatomic.Engine.Trackers;

/// <summary>Announces over HTTP or HTTPS (BEP 3, 7, 23), through one address of the tracker.</summary>
internal sealed class HttpTrackerClient(IWorld world, TrackerAddresses addresses)
{
    private static readonly Dictionary<string, string> Headers = new() { ["user-agent"] = "Anatomic" };

    /// <exception cref="NetworkException">The tracker cannot be reached, or its response cannot be read.</exception>
    public async Task<AnnounceOutcome> AnnounceAsync(
        string url,
        Endpoint address,
        AnnounceRequest request,
        CancellationToken stop
    )
    {
        var announceUrl = new Uri(HttpClientCodec.Announce(url, request));
        for (var redirects = 0; redirects <= EngineLimits.MaxRedirects; redirects++)
        {
            var received = await world.Http.SendAsync(
                new OutboundRequest
                {
                    Url = announceUrl,
                    DialAddress = address,
                    Headers = Headers,
                    MaxResponseBytes = EngineLimits.MaxAnnounceResponseBytes,
                    Timeout = EngineLimits.HttpAnnounceTimeout,
                },
                stop
            );
            var http = received.Response;
            if (
                http.Status is not (301 or 302 or 303 or 307 or 308)
                || !http.Headers.TryGetValue("location", out var location)
            )
            {
                return Read(http);
            }
            if (!Uri.TryCreate(announceUrl, location, out var next) || next.Scheme is not ("http" or "https"))
            {
                throw new NetworkException("the tracker redirects to a URL that is not http or https");
            }
            var found = await addresses.FindAsync(next, stop);
            address = found.FirstOrDefault(other => other.IsV4 == address.IsV4, found[0]);
            announceUrl = next;
        }
        throw new NetworkException($"the tracker redirects more than {EngineLimits.MaxRedirects} times");
    }

    /// <summary>A status of failure may come with a failure reason; only a success must be readable.</summary>
    private AnnounceOutcome Read(HttpResponse http)
    {
        var isRead = HttpClientCodec.TryReadAnnounce(http.Body, out var response, out var fault);
        if (http.Status == 200)
        {
            return isRead
                ? new AnnounceOutcome { Response = response, WasReached = true }
                : new AnnounceOutcome
                {
                    Failure = $"the tracker's response cannot be read: {fault}",
                    WasReached = true,
                };
        }
        return new AnnounceOutcome
        {
            Response = isRead && response!.FailureReason is not null ? response : null,
            Failure = $"the tracker responded with HTTP status {http.Status}",
            WasReached = true,
            RetryAfter = RetryAfter.Of(http.Headers, world.Clock.GetUtcNow()),
        };
    }
}
