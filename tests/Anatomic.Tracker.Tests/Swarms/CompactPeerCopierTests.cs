using Anatomic.Tracker.Peers;
using Anatomic.Wire;

namespace Anatomic.Tracker.Tests.Swarms;

/// <summary>Copying a window of peers into a reply, with every kernel that this processor supports.</summary>
public class CompactPeerCopierTests
{
    private const int Tick = 300;

    [Fact]
    public void All_kernels_copy_the_same_peers_as_a_simple_loop()
    {
        var random = new Random(11);
        for (var round = 0; round < 5_000; round++)
        {
            var window = Window.Create(random);
            var expected = window.Expected();
            foreach (var method in CopyMethods())
            {
                var into = new byte[window.BufferBytes];
                var copied = window.Copy(method, into);
                copied.ShouldBe(expected.Count);
                into.AsSpan(0, copied * 6).ToArray().ShouldBe(expected.SelectMany(Compact).ToArray());
            }
        }
    }

    private delegate int CopyMethod(
        ReadOnlySpan<PeerV4> ring,
        int from,
        int scanCount,
        Span<byte> into,
        int wanted,
        in PeerV4 requester,
        in TrackerTime now
    );

    /// <summary>The kernels that this processor supports.</summary>
    private static IEnumerable<CopyMethod> CopyMethods()
    {
        yield return PeerV4.Copy;
        yield return CompactPeerCopier.CopyScalar;
        if (Avx2CopyKernel.IsSupported)
        {
            yield return CompactPeerCopier.CopyVectorized<Avx2CopyKernel>;
        }
        if (Avx512CopyKernel.IsSupported)
        {
            yield return CompactPeerCopier.CopyVectorized<Avx512CopyKernel>;
        }
    }

    private static byte[] Compact(PeerV4 peer)
    {
        var bytes = new byte[6];
        peer.Address.WriteCompact(bytes);
        return bytes;
    }

    private sealed record Window(
        PeerV4[] Ring,
        int From,
        int ScanCount,
        int Wanted,
        int BufferBytes,
        PeerV4 Requester,
        TrackerTime Now
    )
    {
        public static Window Create(Random random)
        {
            var timeout = random.Next(2) == 0 ? PeerAge.TimeoutTicksNormal : PeerAge.TimeoutTicksMax;
            var ring = new PeerV4[random.Next(1, 40)];
            for (var i = 0; i < ring.Length; i++)
            {
                // Most have not expired; some are just at the limit.
                var age = random.Next(4) == 0 ? timeout + random.Next(-1, 2) : random.Next(timeout);
                var state = PeerAge.Pack(Tick - age, random.Next(Tick), isPaused: random.Next(2) == 0);
                ring[i] = PeerV4.From(Endpoint.FromV4((uint)random.Next(), (ushort)random.Next(1, 65_536)), state);
            }
            var scanCount = random.Next(ring.Length + 1);
            var wanted = random.Next(scanCount + 3);
            return new Window(
                ring,
                random.Next(ring.Length),
                scanCount,
                wanted,
                (wanted * 6) + (random.Next(2) * random.Next(100)),
                random.Next(3) == 0 ? default : ring[random.Next(ring.Length)].WithState(0),
                new TrackerTime(Tick, 0, 0, timeout, 1800)
            );
        }

        public List<PeerV4> Expected() =>
            Enumerable
                .Range(From, ScanCount)
                .Select(at => Ring[at % Ring.Length])
                .Where(peer => !PeerAge.IsExpired(peer.State, Now) && peer.Address != Requester.Address)
                .Take(Wanted)
                .ToList();

        public int Copy(CopyMethod method, Span<byte> into) =>
            method(Ring, From, ScanCount, into, Wanted, Requester, Now);
    }
}
