using System.Diagnostics;
using System.Net;
using Anatomic.Comparison.Http;
using Anatomic.Comparison.Linux;
using Anatomic.Comparison.Load;

namespace Anatomic.Comparison.Flood;

/// <summary>
/// Sends odd requests, a connection each, many at once. What is answered is read and thrown away; who is not answered is held
/// open for a while and then reset.
/// </summary>
internal sealed class RequestFlood(IPEndPoint server, Population population)
{
    private const int Slots = 256;
    private const int HeadBytes = 40 * 1024;

    // The connections beside the good client's that are begun and ended between two of its steps.
    private const int Burst = 8;

    // Half-open connections are many at once, and yet there is an end to the run.
    private static readonly TimeSpan HeldOpen = TimeSpan.FromMilliseconds(20);

    private readonly byte[] name = SocketName.Of(server);
    private readonly OddRequests odd = new(population);
    private readonly byte[] room = new byte[HeadBytes];
    private readonly Slot[] slots = new Slot[Slots];

    /// <param name="count">Requests in all.</param>
    /// <param name="good">The client beside it.</param>
    /// <returns>Connections that were answered with anything.</returns>
    public long Run(int count, IGoodClient good)
    {
        Array.Fill(slots, new Slot(-1, 0));
        var answered = 0L;
        var at = 0;
        for (var sent = 0; sent < count; )
        {
            good.Step(asks: true);
            for (var i = 0; i < Burst && sent < count; i++, at = (at + 1) % Slots)
            {
                ref var slot = ref slots[at];
                if (slot.Handle >= 0)
                {
                    answered += TryEnd(ref slot) ? 1 : 0;
                    continue;
                }
                slot = Begin(at % Population.V4Sources);
                sent++;
            }
        }
        foreach (ref var slot in slots.AsSpan())
        {
            if (slot.Handle >= 0)
            {
                TcpHandle.Reset(slot.Handle);
            }
        }
        return answered;
    }

    private Slot Begin(int source)
    {
        var handle = TcpHandle.Open(name, source);
        // What the connection does not take at once is not sent: it is a request that ends anywhere.
        _ = TcpHandle.Send(handle, room.AsSpan(0, odd.Write(room, source)));
        return new Slot(handle, Stopwatch.GetTimestamp());
    }

    /// <summary>Whether it was answered; it may go on being held open.</summary>
    private bool TryEnd(ref Slot slot)
    {
        var read = TcpHandle.Receive(slot.Handle, room);
        if (read != 0 || Stopwatch.GetElapsedTime(slot.Since) > HeldOpen)
        {
            TcpHandle.Reset(slot.Handle);
            slot = new Slot(-1, 0);
        }
        return read > 0;
    }

    /// <param name="Handle">-1: free.</param>
    private readonly record struct Slot(int Handle, long Since);
}
