using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.Wire.Trackers;
using Anatomic.World;

namespace Anatomic.Engine.Trackers;

/// <summary>Announces to one tracker, over HTTP or UDP, over each address family that it has.</summary>
internal sealed class TrackerClient(IWorld world, bool allowPrivate, Entropy entropy)
{
    private const int DefaultUdpPort = 80;

    private readonly UdpTrackerClient udp = new(world, entropy);

    /// <summary>The reply, a refusal by the tracker included.</summary>
    /// <exception cref="NetworkException">It cannot be reached, or answers nonsense; the message says what.</exception>
    public async Task<AnnounceResponse> AnnounceAsync(string url, AnnounceRequest request, CancellationToken stop)
    {
        if (
            !Uri.TryCreate(url, UriKind.Absolute, out var tracker) || tracker.Scheme is not ("http" or "https" or "udp")
        )
        {
            throw new NetworkException("the announce URL is neither http, https nor udp");
        }
        var replies = new List<Task<AnnounceResponse>>();
        foreach (var address in await AddressesAsync(tracker, stop))
        {
            replies.Add(
                tracker.Scheme == "udp"
                    ? udp.AskAsync(tracker, address, request, stop)
                    : AskHttpAsync(url, address, request, stop)
            );
        }
        return await MergeAsync(replies);
    }

    /// <summary>The first address of each family that may be asked: each family knows only its own peers (BEP 7).</summary>
    private async Task<IReadOnlyList<Endpoint>> AddressesAsync(Uri tracker, CancellationToken stop)
    {
        var port = tracker.Port > 0 ? tracker.Port : DefaultUdpPort;
        var chosen = new List<Endpoint>();
        foreach (var address in await world.Network.ResolveAsync(tracker.DnsSafeHost, stop))
        {
            var endpoint = Endpoint.From(address, port);
            if (MayAsk(tracker, endpoint) && chosen.TrueForAll(other => other.IsV4 != endpoint.IsV4))
            {
                chosen.Add(endpoint);
            }
        }
        return chosen.Count > 0
            ? chosen
            : throw new NetworkException($"{tracker.Host} has no address that may be asked (it is private)");
    }

    /// <summary>
    /// A torrent must not make the program call arbitrary services inside the user's network: at private addresses only what
    /// looks like a tracker is asked.
    /// </summary>
    private bool MayAsk(Uri tracker, Endpoint endpoint) =>
        AddressRules.IsUnicast(endpoint)
        && (
            allowPrivate
            || AddressRules.IsPublic(endpoint)
            || tracker.AbsolutePath.EndsWith("/announce", StringComparison.Ordinal)
        );

    private async Task<AnnounceResponse> AskHttpAsync(
        string url,
        Endpoint address,
        AnnounceRequest request,
        CancellationToken stop
    )
    {
        var asked = HttpClientCodec.Announce(url, request);
        Endpoint? dial = address;
        for (var hop = 0; hop <= EngineLimits.MaxRedirects; hop++)
        {
            var received = await world.Http.SendAsync(
                new OutboundRequest
                {
                    Url = new Uri(asked),
                    DialAddress = dial,
                    Headers = new Dictionary<string, string> { ["user-agent"] = "Anatomic" },
                    MaxResponseBytes = EngineLimits.MaxAnnounceReplyBytes,
                    Timeout = EngineLimits.HttpAnnounceTimeout,
                },
                stop
            );
            var reply = received.Response;
            if (reply.Status is 301 or 302 or 303 or 307 or 308 && reply.Headers.TryGetValue("location", out var to))
            {
                if (!Uri.TryCreate(new Uri(asked), to, out var next) || next.Scheme is not ("http" or "https"))
                {
                    throw new NetworkException("the tracker redirects to an address that is no web address");
                }
                var addresses = await AddressesAsync(next, stop);
                dial = addresses.FirstOrDefault(a => a.IsV4 == address.IsV4, addresses[0]);
                asked = next.AbsoluteUri;
                continue;
            }
            if (HttpClientCodec.TryReadAnnounce(reply.Body, out var answer, out var fault))
            {
                return answer;
            }
            throw new NetworkException(
                reply.Status == 200
                    ? $"the tracker's reply cannot be read: {fault}"
                    : $"the tracker answers with HTTP status {reply.Status}"
            );
        }
        throw new NetworkException($"the tracker redirects more than {EngineLimits.MaxRedirects} times");
    }

    /// <summary>One that answers is enough; their peers are put together.</summary>
    private static async Task<AnnounceResponse> MergeAsync(List<Task<AnnounceResponse>> replies)
    {
        AnnounceResponse? merged = null;
        Exception? failed = null;
        foreach (var task in replies)
        {
            try
            {
                var reply = await task;
                if (merged is null || merged.FailureReason is not null)
                {
                    merged = reply;
                }
                else if (reply.FailureReason is null)
                {
                    merged = merged with { Peers = [.. merged.Peers, .. reply.Peers] };
                }
            }
            catch (NetworkException broken)
            {
                failed ??= broken;
            }
        }
        return merged ?? throw failed ?? new NetworkException("the tracker has no address");
    }
}
