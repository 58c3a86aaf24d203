using System.Buffers.Binary;
using System.Text;
using Anatomic.Wire;
using Anatomic.Wire.Trackers;
using Anatomic.World;

namespace Anatomic.Fuzz.Targets;

/// <summary>
/// Datagrams, one behind the other, to an open tracker; in front of each its sender and flags (one byte) and its length (two).
/// Flag 0x80 puts a valid connection id in: without one only a connect may be answered.
/// </summary>
internal sealed class UdpRequestTarget : IFuzzTarget
{
    private const int Valid = 0x80;

    public string Name => "udp-request";

    public IReadOnlyList<byte[]> Tokens { get; } =
    [
        [0, 0, 4, 0x17, 0x27, 0x10, 0x19, 0x80],
        [0, 0, 0, 0],
        [0, 0, 0, 1],
        [0, 0, 0, 2],
        [0, 0, 0, 3],
        [0xff, 0xff, 0xff, 0xff],
        [0x80, 0, 98],
        [0x81, 0, 98],
        [0x80, 0, 36],
        [2, 9, .. "/announce"u8],
        [1, 1, 0],
        [2, 255],
    ];

    public void Run(byte[] input)
    {
        var handler = TrackerUnderFire.New().Datagrams;
        for (var at = 0; at + 3 <= input.Length; )
        {
            var flags = input[at];
            var length = Math.Min(BinaryPrimitives.ReadUInt16BigEndian(input.AsSpan(at + 1)), input.Length - at - 3);
            byte[] datagram = [.. input.AsSpan(at + 3, length)];
            at += 3 + length;
            var asker = TrackerUnderFire.Asker(flags & ~Valid);
            if ((flags & Valid) != 0 && datagram.Length >= 8)
            {
                Connect(handler, asker).CopyTo(datagram.AsSpan());
            }
            var replies = Send(handler, datagram, asker);
            var isRequest = UdpAnswers.TryReadRequest(datagram, out var request);
            if (replies.Count > 0)
            {
                Invariant.Holds(isRequest && replies.Count == 1 && replies[0].To == asker);
                Invariant.Holds(request.Action == UdpAction.Connect || (flags & Valid) != 0);
                Judge(request, datagram.Length, replies[0].Bytes, !asker.IsV4);
            }
            if (isRequest && request.Action == UdpAction.Announce)
            {
                SayAgain(request);
            }
        }
    }

    private static void Judge(in UdpRequest request, int requestBytes, byte[] reply, bool v6)
    {
        Invariant.Holds(UdpReplies.TryReadHeader(reply, out var action, out var transaction, out _));
        Invariant.Holds(transaction == request.Transaction);
        if (action == UdpAction.Error)
        {
            // A refusal that were longer than what it answers would be worth asking in somebody else's name.
            Invariant.Holds(reply.Length <= requestBytes && UdpReplies.ReadError(reply).Length > 0);
            return;
        }
        Invariant.Holds(action == request.Action);
        switch (action)
        {
            case UdpAction.Connect:
                Invariant.Holds(reply.Length == UdpAnswers.ConnectBytes);
                break;
            case UdpAction.Announce:
                Invariant.Holds((reply.Length - UdpAnswers.AnnounceHeaderBytes) % (v6 ? 18 : 6) == 0);
                Invariant.Holds(UdpReplies.TryReadAnnounce(reply, v6, out var announce, out _));
                Invariant.Holds(announce.Interval is not null);
                break;
            default:
                Invariant.Holds(UdpReplies.TryReadScrape(reply, UdpAnswers.CountOfScrape(request), out _, out _));
                break;
        }
    }

    private static void SayAgain(in UdpRequest request)
    {
        var fine = UdpAnswers.TryReadAnnounce(request, out var query, out var fault);
        Invariant.Holds(fine == fault is null);
        Span<byte> urlData = stackalloc byte[TrackerLimits.MaxUrlDataBytes];
        var hasUrl = UdpAnswers.TryReadUrlData(request, urlData, out var length) && Ascii.IsValid(urlData[..length]);
        if (!fine)
        {
            return;
        }
        var announce = new AnnounceRequest
        {
            Swarm = query.Swarm,
            PeerId = query.Swarm,
            Port = query.Port,
            LeftBytes = query.IsSeed ? 0 : 1,
            Event = query.Event,
            Wanted = query.Wanted,
            Key = query.Key,
        };
        var written = new byte[TrackerLimits.MaxUdpRequestBytes];
        var text = hasUrl ? Encoding.ASCII.GetString(urlData[..length]) : "";
        var writtenBytes = UdpRequests.WriteAnnounce(written, request.Connection, request.Transaction, announce, text);
        Invariant.Holds(UdpAnswers.TryReadRequest(written.AsSpan(0, writtenBytes), out var again));
        Invariant.Holds(again.Connection == request.Connection && again.Transaction == request.Transaction);
        Invariant.Holds(UdpAnswers.TryReadAnnounce(again, out var queryAgain, out _) && queryAgain == query);
        Span<byte> dataAgain = stackalloc byte[TrackerLimits.MaxUrlDataBytes];
        Invariant.Holds(UdpAnswers.TryReadUrlData(again, dataAgain, out var lengthAgain));
        Invariant.Holds(!hasUrl || dataAgain[..lengthAgain].SequenceEqual(urlData[..length]));
    }

    private static byte[] Connect(IDatagramHandler handler, in Endpoint asker)
    {
        var connect = new byte[UdpRequests.ConnectBytes];
        UdpRequests.WriteConnect(connect, 1);
        return Send(handler, connect, asker).Single().Bytes[8..];
    }

    private static List<(byte[] Bytes, Endpoint To)> Send(IDatagramHandler handler, byte[] datagram, in Endpoint asker)
    {
        var replies = new Replies();
        handler.Handle(new DatagramBatch(datagram, [new DatagramSlice(0, datagram.Length, asker)]), replies);
        return replies.Sent;
    }

    private sealed class Replies : ReplyBatch
    {
        private readonly byte[] room = new byte[MaxReplyBytes];

        public List<(byte[] Bytes, Endpoint To)> Sent { get; } = [];

        public override Span<byte> Next() => room;

        public override void Commit(int length, in Endpoint to) => Sent.Add((room[..length], to));
    }
}
