using Anatomic.Wire;
using Anatomic.Wire.Trackers;
using BenchmarkDotNet.Attributes;

namespace Anatomic.Bench.Tracker;

/// <summary>Issuing and validating connection ids. Every datagram is validated, in particular hostile ones.</summary>
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

    /// <summary>Compares with every id that is still valid.</summary>
    [Benchmark]
    public bool RejectUnknown() => ids.IsValid(newest + 1, client, Now);
}
