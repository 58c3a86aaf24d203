using Anatomic.Federation.Signing;
using Anatomic.Wire;
using Anatomic.Wire.Bencoding;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Planting;

/// <summary>Signs an order after its work is done, on the world's workers.</summary>
internal sealed class OrderBuilder(IWorld world, NetworkOptions network)
{
    public async Task<Signed<PlantOrder>> MakeAsync(
        PlantOrder plain,
        ItemSigner signer,
        int bits,
        CancellationToken stop
    )
    {
        Invariant.Holds(BencodeValue.TryParse(plain.Write(), BencodeMode.Strict, out var value, out _));
        var prefix = Work.Prefix(network.Name, signer.PublicKey.Span, value);
        // Where the search begins is of no account; the same everywhere keeps it repeatable.
        ulong from = 0;
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            var steps = new List<Task<ulong?>>();
            for (var i = 0; i < Math.Max(1, world.Workers.Count); i++)
            {
                var begin = from;
                steps.Add(world.Workers.RunAsync(() => Work.Search(prefix, bits, begin, PlantLimits.WorkStep)));
                from += PlantLimits.WorkStep;
            }
            foreach (var found in await Task.WhenAll(steps))
            {
                if (found is { } nonce)
                {
                    return signer.Sign(plain with { Nonce = nonce });
                }
            }
        }
    }
}
