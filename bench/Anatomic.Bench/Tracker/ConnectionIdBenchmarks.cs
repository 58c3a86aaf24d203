using Anatomic.Wire;
using Anatomic.Wire.Trackers;
using BenchmarkDotNet.Attributes;

namespace Anatomic.Bench.Tracker;

/// <summary>Connection ids: what every datagram is checked by, hostile ones above all.</summary>
[MemoryDiagnoser]
public class ConnectionIdBenchmarks
{
    private const long Now = 1_000_000;
    private readonly ConnectionIds ids = new("0123456789abcdef"u8);
    private readonly Endpoint client = BenchTracker.PeerOf(1);
    private ulong newest;

    [GlobalSetup]
    public void Prepare() => newest = ids.Issue(client, Now);

    [Benchmark]
    public ulong Issue() => ids.Issue(client, Now);

    [Benchmark]
    public bool ValidateNewest() => ids.IsValid(newest, client, Now);

    /// <summary>Compared with all that are still good.</summary>
    [Benchmark]
    public bool RejectUnknown() => ids.IsValid(newest + 1, client, Now);
}
