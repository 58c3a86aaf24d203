using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.Wire.Trackers;
using Anatomic.World;

namespace Anatomic.Engine.Trackers;

/// <summary>Announces to one tracker, over HTTP or UDP, through each address family it has.</summary>
internal sealed class TrackerClient(IWorld world, bool allowPrivate, Entropy entropy)
{
    private const int DefaultUdpPort = 80;

    private readonly UdpTrackerClient udp = new(world, entropy);

    /// <summary>Returns the tracker's response, which may be a failure.</summary>
    /// <exception cref="NetworkException">The tracker cannot be reached, or its response cannot be read.</exception>
    public async Task<AnnounceResponse> AnnounceAsync(string url, AnnounceRequest request, CancellationToken stop)
    {
        if (
            !Uri.TryCreate(url, UriKind.Absolute, out var tracker) || tracker.Scheme is not ("http" or "https" or "udp")
        )
        {
            throw new NetworkException("the announce URL is not an http, https or udp URL");
        }
        var responses = new List<Task<AnnounceResponse>>();
        foreach (var address in await ResolveAsync(tracker, stop))
        {
            responses.Add(
                tracker.Scheme == "udp"
                    ? udp.AnnounceAsync(tracker, address, request, stop)
                    : AnnounceOverHttpAsync(url, address, request, stop)
            );
        }
        return await MergeAsync(responses);
    }

    /// <summary>
    /// The first allowed address of each family. We announce over both, as a tracker returns each family's peers
    /// separately (BEP 7).
    /// </summary>
    private async Task<IReadOnlyList<Endpoint>> ResolveAsync(Uri tracker, CancellationToken stop)
    {
        var port = tracker.Port > 0 ? tracker.Port : DefaultUdpPort;
        var chosen = new List<Endpoint>();
        foreach (var address in await world.Network.ResolveAsync(tracker.DnsSafeHost, stop))
        {
            var endpoint = Endpoint.From(address, port);
            if (IsAllowed(tracker, endpoint) && chosen.TrueForAll(other => other.IsV4 != endpoint.IsV4))
            {
                chosen.Add(endpoint);
            }
        }
        return chosen.Count > 0 ? chosen : throw new NetworkException($"{tracker.Host} has no public address");
    }

    /// <summary>
    /// A torrent must not make the program call arbitrary services in the user's network. At private addresses, only
    /// URLs that look like a tracker's are allowed.
    /// </summary>
    private bool IsAllowed(Uri tracker, Endpoint endpoint) =>
        AddressRules.IsUnicast(endpoint)
        && (
            allowPrivate
            || AddressRules.IsPublic(endpoint)
            || tracker.AbsolutePath.EndsWith("/announce", StringComparison.Ordinal)
        );

    private async Task<AnnounceResponse> AnnounceOverHttpAsync(
        string url,
        Endpoint address,
        AnnounceRequest request,
        CancellationToken stop
    )
    {
        var announceUrl = HttpClientCodec.Announce(url, request);
        Endpoint? dialAddress = address;
        for (var redirects = 0; redirects <= EngineLimits.MaxRedirects; redirects++)
        {
            var received = await world.Http.SendAsync(
                new OutboundRequest
                {
                    Url = new Uri(announceUrl),
                    DialAddress = dialAddress,
                    Headers = new Dictionary<string, string> { ["user-agent"] = "Anatomic" },
                    MaxResponseBytes = EngineLimits.MaxAnnounceResponseBytes,
                    Timeout = EngineLimits.HttpAnnounceTimeout,
                },
                stop
            );
            var http = received.Response;
            if (
                http.Status is 301 or 302 or 303 or 307 or 308
                && http.Headers.TryGetValue("location", out var location)
            )
            {
                if (
                    !Uri.TryCreate(new Uri(announceUrl), location, out var next)
                    || next.Scheme is not ("http" or "https")
                )
                {
                    throw new NetworkException("the tracker redirects to a URL that is not http or https");
                }
                var addresses = await ResolveAsync(next, stop);
                dialAddress = addresses.FirstOrDefault(a => a.IsV4 == address.IsV4, addresses[0]);
                announceUrl = next.AbsoluteUri;
                continue;
            }
            if (HttpClientCodec.TryReadAnnounce(http.Body, out var response, out var fault))
            {
                return response;
            }
            throw new NetworkException(
                http.Status == 200
                    ? $"the tracker's response cannot be read: {fault}"
                    : $"the tracker responded with HTTP status {http.Status}"
            );
        }
        throw new NetworkException($"the tracker redirects more than {EngineLimits.MaxRedirects} times");
    }

    /// <summary>Merges the peers of both families; one successful response is enough.</summary>
    private static async Task<AnnounceResponse> MergeAsync(List<Task<AnnounceResponse>> responses)
    {
        AnnounceResponse? merged = null;
        Exception? failure = null;
        foreach (var task in responses)
        {
            try
            {
                var response = await task;
                if (merged is null || merged.FailureReason is not null)
                {
                    merged = response;
                }
                else if (response.FailureReason is null)
                {
                    merged = merged with { Peers = [.. merged.Peers, .. response.Peers] };
                }
            }
            catch (NetworkException exception)
            {
                failure ??= exception;
            }
        }
        return merged ?? throw failure ?? new NetworkException("the tracker has no address");
    }
}
