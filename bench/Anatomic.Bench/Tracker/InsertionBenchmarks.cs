using System.Buffers.Binary;
using BenchmarkDotNet.Attributes;

namespace Anatomic.Bench.Tracker;

/// <summary>The first announce of a peer, and of a torrent.</summary>
[MemoryDiagnoser]
public class InsertionBenchmarks
{
    /// <summary>Announces per run: capacity grows in steps, so only many announces show its share.</summary>
    public const int Announces = 100_000;

    private byte[] announce = [];
    private BenchTracker tracker = new();

    [IterationSetup]
    public void Prepare()
    {
        tracker = new BenchTracker();
        announce = BenchTracker.Announce(BenchTracker.SwarmOf(0));
        tracker.SetConnectionId(announce, BenchTracker.PeerOf(0), number: 1);
    }

    /// <summary>Different peers of one torrent.</summary>
    [Benchmark(OperationsPerInvoke = Announces)]
    public int PeersOfOneTorrent()
    {
        var length = 0;
        // One address has only 65,535 ports.
        for (var address = 0; address < 2; address++)
        {
            tracker.SetConnectionId(announce, BenchTracker.PeerOf(address), number: 1);
            for (var port = 1; port <= Announces / 2; port++)
            {
                BinaryPrimitives.WriteUInt16BigEndian(announce.AsSpan(96), (ushort)port);
                length += tracker.Send(announce, BenchTracker.PeerOf(address));
            }
        }
        return length;
    }

    /// <summary>One peer in different torrents.</summary>
    [Benchmark(OperationsPerInvoke = Announces)]
    public int TorrentsOfOnePeer()
    {
        var length = 0;
        for (var number = 1; number <= Announces; number++)
        {
            BenchTracker.SwarmOf(number).CopyTo(announce.AsSpan(16));
            length += tracker.Send(announce, BenchTracker.PeerOf(0));
        }
        return length;
    }
}
