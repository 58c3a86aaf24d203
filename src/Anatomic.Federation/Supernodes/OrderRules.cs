using Anatomic.Federation.Signing;
using Anatomic.Wire;
using Anatomic.Wire.Network;

namespace Anatomic.Federation.Supernodes;

/// <summary>What an order must show before anything is made of it.</summary>
internal static class OrderRules
{
    /// <summary>Form, time, work and signature, the cheap ones first; null: it is good.</summary>
    public static Fault? Judge(
        SignedItem envelope,
        ItemReader reader,
        NetworkOptions network,
        DateTimeOffset now,
        out Signed<PlantOrder>? order
    )
    {
        order = null;
        if (!Signed.TryReadUnverified<PlantOrder>(envelope, network.Name, out var read, out var fault))
        {
            return fault;
        }
        var bits = Work.BitsOf(read, network.Name);
        if (bits < network.WorkFloor)
        {
            return new Fault($"the order shows {bits} bits of work; this network asks for {network.WorkFloor}");
        }
        return reader.TryRead(envelope, now, out order, out fault) ? null : fault;
    }

    /// <summary>The good ones.</summary>
    public static IReadOnlyList<Signed<PlantOrder>> Check(
        IReadOnlyList<SignedItem> bodies,
        ItemReader reader,
        NetworkOptions network,
        DateTimeOffset now
    )
    {
        var good = new List<Signed<PlantOrder>>();
        foreach (var body in bodies)
        {
            if (Judge(body, reader, network, now, out var order) is null && order is not null)
            {
                good.Add(order);
            }
        }
        return good;
    }
}
