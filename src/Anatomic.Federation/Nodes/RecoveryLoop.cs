using Anatomic.Federation.Supernodes;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Nodes;

/// <summary>
/// Looks for orders whose rows were found broken at the start: supernodes have their bodies, and so have the other holders.
/// What has not come back after a day is given up: the other holders have filled the gap by then.
/// </summary>
internal sealed class RecoveryLoop(NodeCore core, PlantHandler desk)
{
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromDays(1);

    // A round is a few requests, however many partners there are.
    private const int PartnersAsked = 8;

    private readonly OrderImporter learner = new(core, desk);
    private int next;

    public async Task RunAsync(CancellationToken stop)
    {
        var until = core.Now + Patience;
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
                core.Events.StoreTrouble(failure);
            }
            await Task.Delay(Again, core.World.Clock, stop);
        }
    }

    private async Task AskAllAsync(CancellationToken stop)
    {
        foreach (var supernode in core.Options.Supernodes)
        {
            await AskAsync(ask => core.Supernodes.SendAsync(supernode, ask, stop), supernode.Url, stop);
        }
        var partners = core.Book.Partners.Where(partner => partner.Record is not null).ToArray();
        for (var i = 0; i < Math.Min(PartnersAsked, partners.Length); i++)
        {
            var record = partners[next++ % partners.Length].Record!.Item;
            await AskAsync(
                async ask => (await core.Http.SendToAsync(ask, Member.AddressOf(record), stop)).Response,
                record.Urls[0],
                stop
            );
        }
    }

    private async Task AskAsync(Func<OutboundRequest, Task<HttpResponse>> send, Uri url, CancellationToken stop)
    {
        var wanted = core.Store.Lost.Take(NetworkLimits.MaxRequestedDigests).ToArray();
        if (wanted.Length == 0)
        {
            return;
        }
        var ask = new OutboundRequest
        {
            Method = "POST",
            Url = new Uri(url, "orders"),
            Body = new OrdersRequest(wanted).Write(),
            MaxResponseBytes = NetworkLimits.MaxPageBytes,
        };
        try
        {
            var reply = await send(ask);
            if (reply.Status == 200 && OrdersResponse.TryRead(reply.Body, out var bodies, out _))
            {
                foreach (var order in bodies.Orders)
                {
                    await learner.RecoverAsync(order, stop);
                }
            }
        }
        catch (NetworkException)
        {
            // The next one is asked.
        }
    }

    private async Task GiveUpAsync(CancellationToken stop)
    {
        foreach (var order in core.Store.Lost.ToArray())
        {
            await core.Store.SettleLostAsync(order, stop);
        }
    }
}
