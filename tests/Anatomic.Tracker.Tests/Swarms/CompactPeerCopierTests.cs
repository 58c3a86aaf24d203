using Anatomic.Tracker.Peers;
using Anatomic.Wire;

namespace Anatomic.Tracker.Tests.Swarms;

/// <summary>How a window of peers comes into a reply: by steps as wide as the processor has them, and one after the other.</summary>
public class CompactPeerCopierTests
{
    private const int Tick = 300;

    [Fact]
    public void Each_way_of_copying_gives_what_a_look_at_one_after_the_other_gives()
    {
        var random = new Random(11);
        for (var round = 0; round < 5_000; round++)
        {
            var window = Window.Any(random);
            var expected = window.Expected();
            foreach (var way in Ways())
            {
                var into = new byte[window.RoomBytes];
                var copied = window.Copy(way, into);
                copied.ShouldBe(expected.Count);
                into.AsSpan(0, copied * 6).ToArray().ShouldBe(expected.SelectMany(Compact).ToArray());
            }
        }
    }

    private delegate int Way(
        ReadOnlySpan<PeerV4> ring,
        int from,
        int looks,
        Span<byte> into,
        int wanted,
        in PeerV4 asker,
        in TrackerTime now
    );

    /// <summary>Those that this processor has.</summary>
    private static IEnumerable<Way> Ways()
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
        int Looks,
        int Wanted,
        int RoomBytes,
        PeerV4 Asker,
        TrackerTime Now
    )
    {
        public static Window Any(Random random)
        {
            var timeout = random.Next(2) == 0 ? PeerAge.TimeoutTicksNormal : PeerAge.TimeoutTicksMax;
            var ring = new PeerV4[random.Next(1, 40)];
            for (var i = 0; i < ring.Length; i++)
            {
                // Most are alive; some are at the very edge.
                var age = random.Next(4) == 0 ? timeout + random.Next(-1, 2) : random.Next(timeout);
                var state = PeerAge.Pack(Tick - age, random.Next(Tick), isPaused: random.Next(2) == 0);
                ring[i] = PeerV4.From(Endpoint.FromV4((uint)random.Next(), (ushort)random.Next(1, 65_536)), state);
            }
            var looks = random.Next(ring.Length + 1);
            var wanted = random.Next(looks + 3);
            return new Window(
                ring,
                random.Next(ring.Length),
                looks,
                wanted,
                (wanted * 6) + (random.Next(2) * random.Next(100)),
                random.Next(3) == 0 ? default : ring[random.Next(ring.Length)].WithState(0),
                new TrackerTime(Tick, 0, 0, timeout, 1800)
            );
        }

        public List<PeerV4> Expected() =>
            Enumerable
                .Range(From, Looks)
                .Select(at => Ring[at % Ring.Length])
                .Where(peer => !PeerAge.IsExpired(peer.State, Now) && peer.Address != Asker.Address)
                .Take(Wanted)
                .ToList();

        public int Copy(Way way, Span<byte> into) => way(Ring, From, Looks, into, Wanted, Asker, Now);
    }
}
