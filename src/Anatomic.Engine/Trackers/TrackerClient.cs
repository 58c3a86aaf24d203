using Anatomic.Wire;
using Anatomic.Wire.Trackers;
using Anatomic.World;

namespace Anatomic.Engine.Trackers;

/// <summary>Announces to one tracker, over HTTP or UDP, through each address family it has. Used on one loop.</summary>
internal sealed class TrackerClient(TrackerAddresses addresses, HttpTrackerClient http, UdpTrackerClient udp)
{
    /// <summary>Announces once. The outcome is the tracker's response or why there is none.</summary>
    /// <param name="early">
    /// Called with the peers of one address family when it is done before the other one, which may be slow; null: no.
    /// </param>
    public async Task<AnnounceOutcome> AnnounceAsync(
        string url,
        AnnounceRequest request,
        Action<IReadOnlyList<Endpoint>>? early,
        CancellationToken stop
    )
    {
        if (
            !Uri.TryCreate(url, UriKind.Absolute, out var tracker) || tracker.Scheme is not ("http" or "https" or "udp")
        )
        {
            return new AnnounceOutcome
            {
                Failure = "the announce URL is not an http, https or udp URL",
                IsFinal = true,
            };
        }
        try
        {
            var found = await addresses.FindAsync(tracker, stop);
            var report = found.Count > 1 ? early : null;
            var outcomes = await Task.WhenAll(
                found.Select(address => AnnounceAsync(tracker, url, address, request, report, stop))
            );
            for (var i = 0; i < outcomes.Length; i++)
            {
                if (!outcomes[i].WasReached && Array.Exists(outcomes, other => other.WasReached))
                {
                    addresses.SkipFamily(tracker, found[i]);
                }
            }
            return AnnounceMerge.Merge(outcomes);
        }
        catch (NetworkException failure)
        {
            return AnnounceOutcome.Unreachable(failure.Message);
        }
    }

    private async Task<AnnounceOutcome> AnnounceAsync(
        Uri tracker,
        string url,
        Endpoint address,
        AnnounceRequest request,
        Action<IReadOnlyList<Endpoint>>? early,
        CancellationToken stop
    )
    {
        try
        {
            var outcome =
                tracker.Scheme == "udp"
                    ? await udp.AnnounceAsync(tracker, address, request, stop)
                    : await http.AnnounceAsync(url, address, request, stop);
            if (outcome.Response is { FailureReason: null } response)
            {
                early?.Invoke(response.Peers);
            }
            return outcome;
        }
        catch (NetworkException failure)
        {
            addresses.Failed(tracker, address);
            return AnnounceOutcome.Unreachable(failure.Message);
        }
    }
}
