using Anatomic.Federation.Signing;
using Anatomic.Wire;
using Anatomic.Wire.Bencoding;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Planting;

/// <summary>Does an order's work on the world's workers and signs it.</summary>
internal sealed class OrderBuilder(IWorld world, NetworkOptions network)
{
    public async Task<Signed<PlantOrder>> BuildAsync(
        PlantOrder plain,
        ItemSigner signer,
        int bits,
        CancellationToken stop
    )
    {
        Invariant.Holds(BencodeValue.TryParse(plain.Write(), BencodeMode.Strict, out var value, out _));
        var prefix = Work.Prefix(network.Name, signer.PublicKey.Span, value);
        // Any start works; the same one everywhere makes the search repeatable.
        ulong from = 0;
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            var searches = new List<Task<ulong?>>();
            for (var i = 0; i < Math.Max(1, world.Workers.Count); i++)
            {
                var start = from;
                searches.Add(world.Workers.RunAsync(() => Work.Search(prefix, bits, start, FederationLimits.WorkStep)));
                from += FederationLimits.WorkStep;
            }
            foreach (var found in await Task.WhenAll(searches))
            {
                if (found is { } nonce)
                {
                    return signer.Sign(plain with { Nonce = nonce });
                }
            }
        }
    }
}
