using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace Anatomic.Wire.Trackers;

/// <summary>What a tracker reads from an announce over HTTP or UDP. Fields it does not need are left out.</summary>
public readonly record struct AnnounceQuery
{
    private static readonly Fault NoHash = new("info_hash is missing");
    private static readonly Fault BadHash = new("info_hash does not have 20 bytes");
    private static readonly Fault NoPeerId = new("peer_id is missing");
    private static readonly Fault BadPeerId = new("peer_id does not have 20 bytes");
    private static readonly Fault NoPort = new("port is missing");
    internal static readonly Fault BadPort = new("port is not a number from 1 to 65535");

    public required Hash20 Swarm { get; init; }

    /// <summary>The peer's listening port, 1 to 65535.</summary>
    public required ushort Port { get; init; }

    /// <summary>Whether nothing is left to download.</summary>
    public required bool IsSeed { get; init; }
    public required AnnounceEvent Event { get; init; }

    /// <summary>Number of peers the client wants; negative: the tracker decides.</summary>
    public required int Wanted { get; init; }

    /// <summary>
    /// Whether the client accepts compact peers. Only <c>compact=0</c> means no, as is usual since BEP 23.
    /// </summary>
    public bool Compact { get; init; }

    /// <summary>
    /// A key the client sends from all of its addresses, so that trackers recognise it; 0: none. Over HTTP, up to 8
    /// hexadecimal digits are the number of BEP 15; any other text is hashed.
    /// </summary>
    public uint Key { get; init; }

    /// <summary>
    /// Reads the query of an HTTP announce, without its question mark. Of two equal keys the first counts. Ignores
    /// <c>ip</c> and unknown keys, unknown events, and malformed values of <c>left</c> and <c>numwant</c>. Allocates
    /// nothing.
    /// </summary>
    public static bool TryReadHttp(
        ReadOnlySpan<byte> query,
        out AnnounceQuery read,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        var fields = default(Fields);
        var reader = new QueryReader(query);
        while (reader.TryNext(out var key, out var value))
        {
            fields.Set(key, value);
        }
        read = default;
        Span<byte> bytes = stackalloc byte[Hash20.Length];
        fault =
            !fields.HasPeerId ? NoPeerId
            : !TryDecodeHash(fields.PeerId, bytes) ? BadPeerId
            : !fields.HasHash ? NoHash
            : !TryDecodeHash(fields.Hash, bytes) ? BadHash
            : !fields.HasPort ? NoPort
            : null;
        if (fault is not null)
        {
            return false;
        }
        if (!TryReadNumber(fields.Port, out var port) || port is < 1 or > ushort.MaxValue)
        {
            fault = BadPort;
            return false;
        }
        read = new AnnounceQuery
        {
            Swarm = new Hash20(bytes),
            Port = (ushort)port,
            IsSeed = TryReadNumber(fields.Left, out var left) && left == 0,
            Event = EventOf(fields.Event),
            Wanted = TryReadNumber(fields.Wanted, out var wanted) ? (int)Math.Clamp(wanted, -1, int.MaxValue) : -1,
            Compact = !fields.Compact.SequenceEqual("0"u8),
            Key = KeyOf(fields.Key),
        };
        return true;
    }

    /// <summary>No client sends more before the info-hash.</summary>
    private const int PeekedBytes = 1024;

    /// <summary>
    /// Reads only the first torrent from the query of an announce or a scrape over HTTP; false when there is none.
    /// </summary>
    /// <param name="query">Without its question mark; only its first part is searched.</param>
    public static bool TryPeekSwarm(ReadOnlySpan<byte> query, out Hash20 swarm)
    {
        swarm = default;
        query = query[..Math.Min(query.Length, PeekedBytes)];
        var at = query.IndexOf("info_hash="u8);
        if (at < 0)
        {
            return false;
        }
        var text = query[(at + "info_hash=".Length)..];
        var end = text.IndexOf((byte)'&');
        Span<byte> bytes = stackalloc byte[Hash20.Length];
        if (!TryDecodeHash(end < 0 ? text : text[..end], bytes))
        {
            return false;
        }
        swarm = new Hash20(bytes);
        return true;
    }

    internal static bool TryDecodeHash(ReadOnlySpan<byte> text, Span<byte> into) =>
        PercentEncoding.TryDecode(text, into, out var length) && length == Hash20.Length;

    /// <summary>
    /// Reads an integer and clamps it to 64 bits; clients send larger ones when they do not know a size.
    /// </summary>
    private static bool TryReadNumber(ReadOnlySpan<byte> text, out long number)
    {
        number = 0;
        var negative = text.StartsWith("-"u8);
        var digits = negative ? text[1..] : text;
        if (digits.IsEmpty || digits.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            return false;
        }
        foreach (var digit in digits)
        {
            if (number > (long.MaxValue - 9) / 10)
            {
                number = long.MaxValue;
                break;
            }
            number = (number * 10) + (digit - '0');
        }
        number = negative ? -number : number;
        return true;
    }

    /// <summary>
    /// Hashes other text with FNV-1a (Fowler, Noll and Vo). A client that makes keys collide only harms itself.
    /// </summary>
    private static uint KeyOf(ReadOnlySpan<byte> text)
    {
        if (text.Length <= 8 && Utf8Parser.TryParse(text, out uint number, out var read, 'x') && read == text.Length)
        {
            return number;
        }
        var hash = text.IsEmpty ? 0 : 2166136261;
        foreach (var value in text)
        {
            hash = (hash ^ value) * 16777619;
        }
        return hash;
    }

    private static AnnounceEvent EventOf(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("started"u8) ? AnnounceEvent.Started
        : name.SequenceEqual("completed"u8) ? AnnounceEvent.Completed
        : name.SequenceEqual("stopped"u8) ? AnnounceEvent.Stopped
        : name.SequenceEqual("paused"u8) ? AnnounceEvent.Paused
        : AnnounceEvent.None;

    /// <summary>The values as sent, still encoded.</summary>
    private ref struct Fields
    {
        public ReadOnlySpan<byte> Hash;
        public ReadOnlySpan<byte> PeerId;
        public ReadOnlySpan<byte> Port;
        public ReadOnlySpan<byte> Left;
        public ReadOnlySpan<byte> Event;
        public ReadOnlySpan<byte> Wanted;
        public ReadOnlySpan<byte> Compact;
        public ReadOnlySpan<byte> Key;
        public bool HasHash;
        public bool HasPeerId;
        public bool HasPort;
        private bool hasLeft;
        private bool hasEvent;
        private bool hasWanted;
        private bool hasCompact;
        private bool hasKey;

        public void Set(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
        {
            switch (key.Length)
            {
                case 9 when key.SequenceEqual("info_hash"u8):
                    Set(ref Hash, ref HasHash, value);
                    break;
                case 7 when key.SequenceEqual("peer_id"u8):
                    Set(ref PeerId, ref HasPeerId, value);
                    break;
                case 3 when key.SequenceEqual("key"u8):
                    Set(ref Key, ref hasKey, value);
                    break;
                case 4 when key.SequenceEqual("port"u8):
                    Set(ref Port, ref HasPort, value);
                    break;
                case 4 when key.SequenceEqual("left"u8):
                    Set(ref Left, ref hasLeft, value);
                    break;
                case 5 when key.SequenceEqual("event"u8):
                    Set(ref Event, ref hasEvent, value);
                    break;
                case 7 when key.SequenceEqual("numwant"u8):
                    Set(ref Wanted, ref hasWanted, value);
                    break;
                case 7 when key.SequenceEqual("compact"u8):
                    Set(ref Compact, ref hasCompact, value);
                    break;
                default:
                    break;
            }
        }

        private static void Set(ref ReadOnlySpan<byte> field, ref bool has, ReadOnlySpan<byte> value)
        {
            if (!has)
            {
                field = value;
                has = true;
            }
        }
    }
}
