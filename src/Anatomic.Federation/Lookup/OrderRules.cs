using System.Diagnostics.CodeAnalysis;
using Anatomic.Federation.Signing;
using Anatomic.Wire;
using Anatomic.Wire.Network;

namespace Anatomic.Federation.Lookup;

/// <summary>What an order must show before anything is made of it.</summary>
internal static class OrderRules
{
    /// <summary>Form, work, time and signature, the cheap ones first.</summary>
    public static bool TryRead(
        SignedItem envelope,
        ItemReader reader,
        NetworkOptions network,
        DateTimeOffset now,
        [NotNullWhen(true)] out Signed<PlantOrder>? order,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        if (!Signed.TryReadUnverified<PlantOrder>(envelope, network.Name, out order, out fault))
        {
            return false;
        }
        var bits = Work.BitsOf(order, network.Name);
        if (bits < network.WorkFloor)
        {
            fault = new Fault($"the order shows {bits} bits of work; this network asks for {network.WorkFloor}");
            order = null;
            return false;
        }
        return reader.TryRead(envelope, now, out order, out fault);
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
            if (TryRead(body, reader, network, now, out var order, out _))
            {
                good.Add(order);
            }
        }
        return good;
    }
}
