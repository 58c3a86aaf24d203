using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Nodes;

/// <summary>
/// Asks supernodes and other holders for orders whose stored form was broken at startup. An order that did not return
/// within a day is given up: by then the other holders have filled the gap.
/// </summary>
internal sealed class RecoveryLoop(NodeCore core, PlantHandler plants)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Duration = TimeSpan.FromDays(1);

    // Keeps a round to a few requests, however many partners there are.
    private const int PartnersPerRound = 8;

    private readonly OrderImporter importer = new(core, plants);
    private int nextPartner;

    public async Task RunAsync(CancellationToken stop)
    {
        var until = core.Now + Duration;
        while (core.Store.Lost.Count > 0)
        {
            try
            {
                if (core.Now < until)
                {
                    await AskAllAsync(stop);
                }
                else
                {
                    await GiveUpAsync(stop);
                }
            }
            catch (DiskException failure)
            {
                // The next round tries again.
                core.Events.StoreFailed(failure);
            }
            await Task.Delay(Interval, core.World.Clock, stop);
        }
    }

    private async Task AskAllAsync(CancellationToken stop)
    {
        foreach (var supernode in core.Options.Supernodes)
        {
            await AskAsync(request => core.Supernodes.SendAsync(supernode, request, stop), supernode.Url, stop);
        }
        var partners = core.Sharing.Partners.Where(partner => partner.Record is not null).ToArray();
        for (var i = 0; i < Math.Min(PartnersPerRound, partners.Length); i++)
        {
            var record = partners[nextPartner++ % partners.Length].Record!.Item;
            await AskAsync(
                async request => (await core.Http.SendToAsync(request, PrimaryAddress.Of(record), stop)).Response,
                record.Urls[0],
                stop
            );
        }
    }

    private async Task AskAsync(Func<OutboundRequest, Task<HttpResponse>> send, Uri url, CancellationToken stop)
    {
        var lost = core.Store.Lost.Take(NetworkLimits.MaxRequestedDigests).ToArray();
        if (lost.Length == 0)
        {
            return;
        }
        var request = new OutboundRequest
        {
            Method = "POST",
            Url = new Uri(url, "orders"),
            Body = new OrdersRequest(lost).Write(),
            MaxResponseBytes = NetworkLimits.MaxPageBytes,
        };
        try
        {
            var response = await send(request);
            if (response.Status == 200 && OrdersResponse.TryRead(response.Body, out var found, out _))
            {
                foreach (var order in found.Orders)
                {
                    await importer.RecoverAsync(order, stop);
                }
            }
        }
        catch (NetworkException)
        {
            // The next member may answer.
        }
    }

    private async Task GiveUpAsync(CancellationToken stop)
    {
        foreach (var order in core.Store.Lost.ToArray())
        {
            await core.Store.RemoveLostAsync(order, stop);
        }
    }
}
