using Anatomic.Simulation.Tracing;
using Anatomic.Wire;

namespace Anatomic.Simulation.Networks;

/// <summary>
/// Takes a datagram from one host to another, or drops it. The trace shows every drop as
/// <see cref="TraceKind.DatagramDropped"/> with one of the reasons below.
/// </summary>
internal static class DatagramDelivery
{
    /// <summary>No host has the address.</summary>
    private const string NoRoute = "no-route";

    /// <summary>Lost at random, with the probability <see cref="LinkOptions.DatagramLoss"/>.</summary>
    private const string Loss = "loss";

    /// <summary>A partition separates the two hosts, or one of them is down.</summary>
    private const string Unreachable = "unreachable";

    /// <summary>Nothing listens on the port.</summary>
    private const string PortClosed = "port-closed";

    /// <summary>The receiver is behind a router, and has sent nothing to the sender.</summary>
    private const string Nat = "nat";

    /// <summary>The receiver has not read its earlier datagrams.</summary>
    public const string QueueFull = "queue-full";

    /// <summary>The server never answers datagrams of this form; on Linux the kernel drops them.</summary>
    public const string Filtered = "filtered";

    public static void Send(SimulatedNetwork network, Endpoint from, Endpoint to, ReadOnlyMemory<byte> datagram)
    {
        var internet = network.Internet;
        if (internet.HostAt(network.Host, to) is not { } target)
        {
            RecordDrop(network, from, to, datagram.Length, NoRoute);
            return;
        }
        if (internet.LosesDatagram(network.Host, target))
        {
            RecordDrop(network, from, to, datagram.Length, Loss);
            return;
        }
        if (!internet.CanReach(network.Host, target))
        {
            RecordDrop(network, from, to, datagram.Length, Unreachable);
            return;
        }
        network.Host.Line.OnDatagramSent(from, to);
        var bytes = datagram.ToArray(); // the sender may reuse its buffer at once
        network.SendTo(
            target,
            there => Arrive(there, from, to, bytes),
            there => RecordDrop(there, from, to, bytes.Length, Unreachable)
        );
    }

    private static void Arrive(SimulatedNetwork there, Endpoint from, Endpoint to, byte[] datagram)
    {
        there.Process.Scheduler.Record(
            there.Process,
            TraceKind.DatagramReceived,
            from.ToString(),
            datagram.Length,
            StableHash.Of(datagram)
        );
        there.Internet.Watcher?.OnDatagram(there.Host, datagram, from);
        var dropped =
            !there.Host.Line.LetsDatagramIn(to, from) ? Nat
            : there.Datagrams.Find(to) is IDatagramReceiver receiver ? receiver.Receive(datagram, from)
            : PortClosed;
        if (dropped is not null)
        {
            RecordDrop(there, from, to, datagram.Length, dropped);
        }
    }

    private static void RecordDrop(SimulatedNetwork at, Endpoint from, Endpoint to, int length, string reason) =>
        at.Process.Scheduler.Record(
            at.Process,
            TraceKind.DatagramDropped,
            $"reason={reason} from={from} to={to}",
            length
        );
}
