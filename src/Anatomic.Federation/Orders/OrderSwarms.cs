using Anatomic.Wire;

namespace Anatomic.Federation.Orders;

/// <summary>The one or two swarms of an order, without an allocation.</summary>
internal readonly struct OrderSwarms(Hash20 first, Hash20? second)
{
    public int Count => second is null ? 1 : 2;

    public Hash20 this[int index] => index == 0 ? first : second!.Value;

    public bool Contains(Hash20 swarm) => first == swarm || second == swarm;

    public Hash20[] ToArray() => second is { } other ? [first, other] : [first];
}
