using System.Diagnostics.CodeAnalysis;
using Anatomic.Federation.Signing;
using Anatomic.Wire;
using Anatomic.Wire.Network;

namespace Anatomic.Federation.Lookup;

/// <summary>Verifies orders that other members pass on.</summary>
internal static class OrderRules
{
    /// <summary>Checks form, work, time and signature, the cheap ones first.</summary>
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
        fault =
            bits < network.WorkFloor
                ? new Fault($"the order shows {bits} bits of work; this network requires {network.WorkFloor}")
                : reader.Check(order, now);
        order = fault is null ? order : null;
        return fault is null;
    }

    /// <summary>The valid ones among these orders.</summary>
    public static IReadOnlyList<Signed<PlantOrder>> ReadValid(
        IReadOnlyList<SignedItem> envelopes,
        ItemReader reader,
        NetworkOptions network,
        DateTimeOffset now
    )
    {
        var valid = new List<Signed<PlantOrder>>();
        foreach (var envelope in envelopes)
        {
            if (TryRead(envelope, reader, network, now, out var order, out _))
            {
                valid.Add(order);
            }
        }
        return valid;
    }
}
