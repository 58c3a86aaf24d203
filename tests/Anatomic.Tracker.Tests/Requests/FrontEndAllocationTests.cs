using System.Buffers;
using System.Text;
using Anatomic.Wire;
using Anatomic.Wire.Http;
using Anatomic.Wire.Trackers;
using Anatomic.World;
using static Anatomic.Tracker.Tests.TestTracker;

namespace Anatomic.Tracker.Tests.Requests;

public class FrontEndAllocationTests
{
    private static readonly string Target = HttpClientCodec.Announce("/announce", Request());

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_steady_announce_allocates_nothing(bool large)
    {
        var tracker = new TestTracker();
        for (var i = 0; i < (large ? 1000 : 60); i++)
        {
            tracker.Announce(i % 3 == 0 ? V6(i) : V4(i), seed: i % 2 == 0);
        }
        tracker.Service.AddShared(Swarm, new Hash32(1, 2, 3, 4), [new(V4(77_000), false)], [], default);
        var head = Encoding.ASCII.GetBytes($"GET {Target} HTTP/1.1\r\nHost: tracker\r\nUser-Agent: x\r\n\r\n");
        var dictionaries = Encoding.ASCII.GetBytes($"GET {Target.Replace("compact=1", "compact=0")} HTTP/1.1\r\n\r\n");
        var packet = new byte[TrackerProtocolLimits.MaxUdpRequestBytes];
        var length = UdpClientCodec.WriteAnnounce(packet, tracker.Connect(V4(1)), 1, Request());
        var slices = new[] { new DatagramSlice(0, length, V4(1)) };
        var reply = new FixedWriter();
        var replies = new ReplyRecorder();
        void Handle(byte[] bytes, in Endpoint from)
        {
            RequestHeadReader.TryRead(bytes, out var layout).ShouldBeTrue();
            tracker.Service.HttpFront.Handle(new RequestHead(bytes, layout), from, reply);
        }
        void Run(int times)
        {
            for (var i = 0; i < times; i++)
            {
                Handle(head, V4(1));
                Handle(head, V6(3));
                Handle(dictionaries, V6(3));
                tracker.Service.UdpHandler.Handle(new DatagramBatch(packet, slices), replies);
            }
        }
        Run(200);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(10_000);
        // The runtime itself may allocate a few bytes, when it compiles a method on this thread. One object per
        // announce would be at least 24 bytes.
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(10_000);
        replies.Count.ShouldBe(10_200);
    }

    private sealed class FixedWriter : IBufferWriter<byte>
    {
        private readonly byte[] buffer = new byte[32 * 1024];

        public void Advance(int count) { }

        public Memory<byte> GetMemory(int sizeHint = 0) => buffer;

        public Span<byte> GetSpan(int sizeHint = 0) => buffer;
    }
}
