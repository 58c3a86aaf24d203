using System.Diagnostics;
using System.Net;
using Anatomic.Comparison.Http;
using Anatomic.Comparison.Linux;
using Anatomic.Comparison.Load;

namespace Anatomic.Comparison.Flood;

/// <summary>
/// Sends hostile requests over one connection each, many at once. Responses are discarded; connections without a
/// response are held open for a while and then reset.
/// </summary>
internal sealed class RequestFlood(IPEndPoint server, Population population)
{
    private const int Slots = 256;
    private const int HeadBytes = 40 * 1024;

    // Connections opened and closed between two steps of the probe client.
    private const int Burst = 8;

    // Long enough for many half-open connections at once, short enough for the run to end.
    private static readonly TimeSpan HoldTime = TimeSpan.FromMilliseconds(20);

    private readonly byte[] address = SocketAddressBytes.Of(server);
    private readonly HostileRequests hostile = new(population);
    private readonly byte[] buffer = new byte[HeadBytes];
    private readonly Slot[] slots = new Slot[Slots];

    /// <param name="count">Requests in total.</param>
    /// <param name="probe">Is stepped all the time.</param>
    /// <returns>Connections with any response.</returns>
    public long Run(int count, IProbeClient probe)
    {
        Array.Fill(slots, new Slot(-1, 0));
        var answered = 0L;
        var at = 0;
        for (var sent = 0; sent < count; )
        {
            probe.Step(sends: true);
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
                TcpSocket.Reset(slot.Handle);
            }
        }
        return answered;
    }

    private Slot Begin(int source)
    {
        var handle = TcpSocket.Open(address, source);
        // What the kernel does not accept at once is not sent: the request is cut off anywhere.
        _ = TcpSocket.Send(handle, buffer.AsSpan(0, hostile.Write(buffer, source)));
        return new Slot(handle, Stopwatch.GetTimestamp());
    }

    /// <summary>Resets a connection with a response or after its time; true if there was a response.</summary>
    private bool TryEnd(ref Slot slot)
    {
        var read = TcpSocket.Receive(slot.Handle, buffer);
        if (read != 0 || Stopwatch.GetElapsedTime(slot.OpenedAt) > HoldTime)
        {
            TcpSocket.Reset(slot.Handle);
            slot = new Slot(-1, 0);
        }
        return read > 0;
    }

    /// <summary>One connection.</summary>
    /// <param name="Handle">-1 while the slot is free.</param>
    private readonly record struct Slot(int Handle, long OpenedAt);
}
