using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Anatomic.Wire;
using Anatomic.Wire.Trackers;
using Anatomic.World;

namespace Anatomic.Fuzz.Targets;

/// <summary>
/// A sequence of datagrams to an open tracker, each preceded by its sender and flags (one byte) and its length (two).
/// Without a valid connection id only connects may be answered; with one, every request is. While no time passes, a
/// batch gets the same replies as its datagrams one by one.
/// </summary>
internal sealed class UdpRequestTarget : IFuzzTarget
{
    /// <summary>Inserts a connection id issued just now.</summary>
    private const int Valid = 0x80;

    /// <summary>Time passes before this datagram.</summary>
    private const int Later = 0x40;

    /// <summary>Inserts the first id issued to the sender.</summary>
    private const int Remembered = 0x20;

    private const int Senders = 0x1F;
    private const int ConnectionBytes = 8;

    // ConnectionIds guarantees that an id is valid for 6 to 8 minutes.
    private static readonly TimeSpan GuaranteedValidity = TimeSpan.FromMinutes(6);
    private static readonly TimeSpan PerhapsGood = TimeSpan.FromMinutes(8);

    public string Name => "udp-request";

    /// <summary>
    /// Two empty trackers with 256 shards need about 260 KiB: one answers the datagrams one by one, the other as a
    /// batch.
    /// </summary>
    public long FixedAllocation => 512 * 1024;

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
        using var tracker = new FuzzedTracker();
        var firstIds = new Dictionary<Endpoint, (byte[] Id, TimeSpan At)>();
        var sent = new List<(byte[] Datagram, Endpoint From)>();
        var answered = new List<(byte[] Bytes, Endpoint To)>();
        for (var at = 0; at + 3 <= input.Length; )
        {
            var flags = input[at];
            var length = Math.Min(BinaryPrimitives.ReadUInt16BigEndian(input.AsSpan(at + 1)), input.Length - at - 3);
            byte[] datagram = [.. input.AsSpan(at + 3, length)];
            at += 3 + length;
            if ((flags & Later) != 0)
            {
                tracker.Advance();
            }
            var client = FuzzedTracker.ClientAddress(flags & Senders);
            var age = InsertId(tracker, firstIds, flags, datagram, client);
            var replies = Send(tracker.Service.UdpHandler, [(datagram, client)]);
            var isRequest = UdpServerCodec.TryReadRequest(datagram, out var request);
            Invariant.Holds(replies.Count <= (isRequest ? 1 : 0));
            Invariant.Holds(isRequest == DatagramPattern.MatchesAny(tracker.Service.UdpHandler.Patterns, datagram));
            if (isRequest)
            {
                var isConnect = request.Action == UdpAction.Connect;
                Invariant.Holds(replies.Count == 1 || !(isConnect || age < GuaranteedValidity));
                Invariant.Holds(replies.Count == 0 || isConnect || age < PerhapsGood);
            }
            foreach (var (bytes, to) in replies)
            {
                Invariant.Holds(to == client);
                Judge(request, datagram.Length, bytes, !client.IsV4);
            }
            if (isRequest && request.Action == UdpAction.Announce)
            {
                RoundTrip(request);
            }
            sent.Add((datagram, client));
            answered.AddRange(replies);
        }
        if (tracker.Now == TimeSpan.Zero)
        {
            using var another = new FuzzedTracker();
            Invariant.Holds(
                Send(another.Service.UdpHandler, sent)
                    .SequenceEqual(answered, EqualityComparer<(byte[] Bytes, Endpoint To)>.Create(IsSame))
            );
        }
    }

    private static bool IsSame((byte[] Bytes, Endpoint To) one, (byte[] Bytes, Endpoint To) other) =>
        one.To == other.To && one.Bytes.AsSpan().SequenceEqual(other.Bytes);

    /// <summary>
    /// Inserts the connection id selected by the flags and returns its age, or the largest one when there is none.
    /// </summary>
    private static TimeSpan InsertId(
        FuzzedTracker tracker,
        Dictionary<Endpoint, (byte[] Id, TimeSpan At)> firstIds,
        int flags,
        byte[] datagram,
        in Endpoint client
    )
    {
        if ((flags & (Valid | Remembered)) == 0 || datagram.Length < ConnectionBytes)
        {
            return TimeSpan.MaxValue;
        }
        var given = (Id: Connect(tracker.Service.UdpHandler, client), At: tracker.Now);
        var used = (flags & Valid) == 0 && firstIds.TryGetValue(client, out var first) ? first : given;
        firstIds.TryAdd(client, given);
        used.Id.CopyTo(datagram.AsSpan());
        return tracker.Now - used.At;
    }

    private static void Judge(in UdpRequest request, int requestBytes, byte[] reply, bool v6)
    {
        Invariant.Holds(UdpClientCodec.TryReadHeader(reply, out var action, out var transaction, out _));
        Invariant.Holds(transaction == request.Transaction);
        // A response that can be requested with a forged source is not longer than its request.
        Invariant.Holds(action is UdpAction.Announce or UdpAction.Scrape || reply.Length <= requestBytes);
        if (action == UdpAction.Error)
        {
            Invariant.Holds(UdpClientCodec.ReadError(reply).Length > 0);
            return;
        }
        Invariant.Holds(action == request.Action);
        switch (action)
        {
            case UdpAction.Connect:
                Invariant.Holds(reply.Length == UdpServerCodec.ConnectBytes);
                break;
            case UdpAction.Announce:
                Invariant.Holds((reply.Length - UdpServerCodec.AnnounceHeaderBytes) % (v6 ? 18 : 6) == 0);
                Invariant.Holds(UdpClientCodec.TryReadAnnounce(reply, v6, out var announce, out _));
                Invariant.Holds(announce.Interval is not null);
                break;
            default:
                Invariant.Holds(
                    UdpClientCodec.TryReadScrape(reply, UdpServerCodec.ScrapeHashCount(request), out _, out _)
                );
                break;
        }
    }

    private static void RoundTrip(in UdpRequest request)
    {
        var fine = UdpServerCodec.TryReadAnnounce(request, out var query, out var fault);
        Invariant.Holds(fine == fault is null);
        Span<byte> urlData = stackalloc byte[TrackerProtocolLimits.MaxUrlDataBytes];
        var hasUrl =
            UdpServerCodec.TryReadUrlData(request, urlData, out var length) && Ascii.IsValid(urlData[..length]);
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
        var written = new byte[TrackerProtocolLimits.MaxUdpRequestBytes];
        var text = hasUrl ? Encoding.ASCII.GetString(urlData[..length]) : "";
        var writtenBytes = UdpClientCodec.WriteAnnounce(
            written,
            request.Connection,
            request.Transaction,
            announce,
            text
        );
        Invariant.Holds(UdpServerCodec.TryReadRequest(written.AsSpan(0, writtenBytes), out var again));
        Invariant.Holds(again.Connection == request.Connection && again.Transaction == request.Transaction);
        Invariant.Holds(UdpServerCodec.TryReadAnnounce(again, out var queryAgain, out _) && queryAgain == query);
        Span<byte> dataAgain = stackalloc byte[TrackerProtocolLimits.MaxUrlDataBytes];
        Invariant.Holds(UdpServerCodec.TryReadUrlData(again, dataAgain, out var lengthAgain));
        Invariant.Holds(!hasUrl || dataAgain[..lengthAgain].SequenceEqual(urlData[..length]));
    }

    private static byte[] Connect(IDatagramHandler handler, in Endpoint client)
    {
        var connect = new byte[UdpClientCodec.ConnectBytes];
        UdpClientCodec.WriteConnect(connect, 1);
        return Send(handler, [(connect, client)]).Single().Bytes[ConnectionBytes..];
    }

    private static List<(byte[] Bytes, Endpoint To)> Send(
        IDatagramHandler handler,
        IReadOnlyList<(byte[] Datagram, Endpoint From)> batch
    )
    {
        if (batch.Count == 0)
        {
            return [];
        }
        var bytes = new List<byte>();
        var slices = new List<DatagramSlice>();
        foreach (var (datagram, from) in batch)
        {
            slices.Add(new DatagramSlice(bytes.Count, datagram.Length, from));
            bytes.AddRange(datagram);
        }
        var replies = new Replies();
        handler.Handle(new DatagramBatch(CollectionsMarshal.AsSpan(bytes), CollectionsMarshal.AsSpan(slices)), replies);
        return replies.Sent;
    }

    private sealed class Replies : ReplyBatch
    {
        private readonly byte[] buffer = new byte[MaxReplyBytes];

        public List<(byte[] Bytes, Endpoint To)> Sent { get; } = [];

        public override Span<byte> Next() => buffer;

        public override void Commit(int length, in Endpoint to) => Sent.Add((buffer[..length], to));
    }
}
