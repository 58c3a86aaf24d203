using Anatomic.Wire;
using Anatomic.Wire.Trackers;
using Anatomic.World;

namespace Anatomic.Engine.Trackers;

/// <summary>Announces to one tracker, over HTTP or UDP, through each address family it has.</summary>
internal sealed class TrackerClient
{
    private readonly TrackerAddresses addresses;
    private readonly HttpTrackerClient http;
    private readonly UdpTrackerClient udp;

    public TrackerClient(IWorld world, bool allowPrivate, Entropy entropy)
    {
        addresses = new TrackerAddresses(world.Network, allowPrivate);
        http = new HttpTrackerClient(world, addresses);
        udp = new UdpTrackerClient(world, entropy);
    }

    /// <summary>Announces once. The outcome is the tracker's response or why there is none.</summary>
    public async Task<AnnounceOutcome> AnnounceAsync(string url, AnnounceRequest request, CancellationToken stop)
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
            return AnnounceMerge.Merge(
                await Task.WhenAll(found.Select(address => AnnounceAsync(tracker, url, address, request, stop)))
            );
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
        CancellationToken stop
    )
    {
        try
        {
            return tracker.Scheme == "udp"
                ? await udp.AnnounceAsync(tracker, address, request, stop)
                : await http.AnnounceAsync(url, address, request, stop);
        }
        catch (NetworkException failure)
        {
            return AnnounceOutcome.Unreachable(failure.Message);
        }
    }
}
