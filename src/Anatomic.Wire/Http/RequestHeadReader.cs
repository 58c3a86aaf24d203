using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Anatomic.Wire.Http;

/// <summary>How far a request head has arrived.</summary>
public enum RequestHeadStatus
{
    /// <summary>The end of the head has not arrived.</summary>
    Incomplete,

    /// <summary>A head from its first byte to its empty line, possibly with a fault.</summary>
    Complete,

    /// <summary>No further bytes can make it valid; the fault says why.</summary>
    Malformed,
}

/// <summary>
/// Finds in one scan where an HTTP/1 request head ends, where its parts are, and what is wrong with it. Allocates
/// nothing. Of a head that arrives in pieces each line is read once, see <see cref="Resume"/>.
/// </summary>
public static class RequestHeadReader
{
    /// <summary>Decimal digits that fit every 64-bit number.</summary>
    private const int MaxLengthDigits = 18;

    /// <summary>The characters of methods and of header names (RFC 9110, 5.6.2).</summary>
    private static readonly SearchValues<byte> Token = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8
    );

    /// <summary>Control characters except the tab, which values may contain.</summary>
    private static readonly SearchValues<byte> Controls = SearchValues.Create([
        .. Enumerable.Range(0, 0x20).Where(code => code != '\t').Select(code => (byte)code),
        0x7f,
    ]);

    /// <summary>Reads a head that has arrived completely; false: it is incomplete or not parsed.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out RequestHeadLayout layout) =>
        Read(bytes, int.MaxValue, out layout) == RequestHeadStatus.Complete && layout.IsParsed;

    /// <summary>Reads the head at the start of <paramref name="start"/>.</summary>
    /// <param name="start">
    /// The received bytes, from the first byte of the head on; not empty, and without an empty line in front.
    /// </param>
    /// <param name="maxBytes">The limit of a head's length.</param>
    /// <param name="layout">The parts of a complete head; of others only the fault.</param>
    public static RequestHeadStatus Read(ReadOnlySpan<byte> start, int maxBytes, out RequestHeadLayout layout)
    {
        layout = default;
        return Resume(start, maxBytes, ref layout);
    }

    /// <summary>
    /// Reads on in a head of which the last read found no end. A client that sends it byte by byte would otherwise have
    /// all its lines read for each byte.
    /// </summary>
    /// <param name="start">All that has arrived of the request, as for <see cref="Read"/>.</param>
    /// <param name="maxBytes">The limit of a head's length.</param>
    /// <param name="layout">As the last read left it, and default before the first one.</param>
    public static RequestHeadStatus Resume(ReadOnlySpan<byte> start, int maxBytes, ref RequestHeadLayout layout)
    {
        var bytes = start[..Math.Min(start.Length, maxBytes)];
        if (bytes.Length < layout.LineStart)
        {
            return RequestHeadStatus.Incomplete;
        }
        if (layout.LineStart == 0)
        {
            // A fault in a part of the first line is found again.
            layout = default;
            var lineEnd = bytes.IndexOf((byte)'\n');
            if (lineEnd < 0)
            {
                return ReadPartOfLine(bytes, maxBytes, ref layout);
            }
            if (!TryReadRequestLine(bytes[..lineEnd], ref layout))
            {
                return RequestHeadStatus.Malformed;
            }
            layout.LineStart = lineEnd + 1;
        }
        return ReadHeaders(bytes, maxBytes, ref layout);
    }

    private static RequestHeadStatus ReadHeaders(ReadOnlySpan<byte> bytes, int maxBytes, ref RequestHeadLayout layout)
    {
        while (true)
        {
            var at = layout.LineStart;
            var length = bytes[at..].IndexOf((byte)'\n');
            if (length < 0)
            {
                return Unfinished(bytes, maxBytes, RequestHeadFault.HeadTooLong, ref layout);
            }
            var line = bytes.Slice(at, length);
            if (line is not [.., (byte)'\r'])
            {
                layout.Note(RequestHeadFault.LineEnding);
                return RequestHeadStatus.Malformed;
            }
            if (length == 1)
            {
                layout.Length = at + 2;
                Conclude(ref layout);
                return RequestHeadStatus.Complete;
            }
            ReadHeader(line[..^1], at, ref layout);
            layout.LineStart = at + length + 1;
        }
    }

    private static RequestHeadStatus ReadPartOfLine(ReadOnlySpan<byte> line, int maxBytes, ref RequestHeadLayout layout)
    {
        if (line.Length < maxBytes && !CanBegin(line))
        {
            layout.Note(RequestHeadFault.RequestLine);
        }
        return Unfinished(line, maxBytes, RequestHeadFault.TargetTooLong, ref layout);
    }

    /// <summary>
    /// A head that begins with a capital letter may become one that a front answers in spite of a fault, so it is
    /// judged once it is complete.
    /// </summary>
    private static RequestHeadStatus Unfinished(
        ReadOnlySpan<byte> bytes,
        int maxBytes,
        RequestHeadFault tooLong,
        ref RequestHeadLayout layout
    )
    {
        if (bytes.Length >= maxBytes)
        {
            layout.Note(tooLong);
            return RequestHeadStatus.Malformed;
        }
        return layout.Fault != RequestHeadFault.None && !char.IsAsciiLetterUpper((char)bytes[0])
            ? RequestHeadStatus.Malformed
            : RequestHeadStatus.Incomplete;
    }

    /// <summary>Whether further bytes can complete it to a request line.</summary>
    private static bool CanBegin(ReadOnlySpan<byte> line)
    {
        var methodEnd = line.IndexOf((byte)' ');
        if (methodEnd < 0)
        {
            // The first half of an empty line, which may precede a request.
            return IsToken(line) || line is [(byte)'\r'];
        }
        var rest = line[methodEnd..];
        rest = rest is [.., (byte)'\r'] ? rest[..^1] : rest;
        return methodEnd > 0 && IsToken(line[..methodEnd]) && !rest.ContainsAny(Controls);
    }

    /// <summary>Reads the first line, without its line feed; false: the line ends in a bare one.</summary>
    private static bool TryReadRequestLine(ReadOnlySpan<byte> line, ref RequestHeadLayout layout)
    {
        var isTerminated = line is [.., (byte)'\r'];
        var methodEnd = line.IndexOf((byte)' ');
        if (methodEnd < 1 || !IsToken(line[..methodEnd]))
        {
            layout.Note(RequestHeadFault.RequestLine);
            return isTerminated;
        }
        if (!isTerminated)
        {
            layout.Note(RequestHeadFault.LineEnding);
            return false;
        }
        var rest = line[(methodEnd + 1)..^1];
        var targetEnd = rest.IndexOf((byte)' ');
        if (targetEnd < 1)
        {
            layout.Note(RequestHeadFault.RequestLine);
            return true;
        }
        var target = rest[..targetEnd];
        var version = rest[(targetEnd + 1)..];
        var mark = target.IndexOf((byte)'?');
        var path = mark < 0 ? target : target[..mark];
        layout.MethodLength = methodEnd;
        layout.PathEnd = methodEnd + 1 + path.Length;
        layout.TargetEnd = methodEnd + 1 + targetEnd;
        var isVersion11 = version.SequenceEqual("HTTP/1.1"u8);
        var isVersion1 = isVersion11 || version.SequenceEqual("HTTP/1.0"u8);
        if (isVersion1 && target[0] == '/' && !line[..methodEnd].ContainsAnyExceptInRange((byte)'A', (byte)'Z'))
        {
            layout.Flags = HeadFlags.Parsed;
        }
        layout.Flags |= isVersion11 ? HeadFlags.Version11 : HeadFlags.None;
        layout.Fault =
            rest.ContainsAny(Controls) || !version.StartsWith("HTTP/"u8) ? RequestHeadFault.RequestLine
            : HasParentSegment(path) ? RequestHeadFault.ParentSegment
            : !isVersion1 ? RequestHeadFault.Version
            : RequestHeadFault.None;
        return true;
    }

    private static bool HasParentSegment(ReadOnlySpan<byte> path) =>
        path.IndexOf("/../"u8) >= 0 || path.EndsWith("/.."u8);

    /// <param name="line">Without its line break.</param>
    /// <param name="at">Its offset in the head.</param>
    private static void ReadHeader(ReadOnlySpan<byte> line, int at, ref RequestHeadLayout layout)
    {
        var colon = line.IndexOf((byte)':');
        if (colon < 0)
        {
            layout.Note(RequestHeadFault.HeaderLine);
            layout.Flags &= ~HeadFlags.Parsed;
            return;
        }
        var name = line[..colon];
        var value = line[(colon + 1)..];
        if (name.IsEmpty || !IsToken(name) || value.ContainsAny(Controls))
        {
            layout.Note(RequestHeadFault.HeaderLine);
            // A lenient proxy may read it as a header, or as two, that announces a body (RFC 9112, 5.1 and 11.2).
            layout.BodyBytes = RequestHeadLayout.UnknownBody;
        }
        switch (colon)
        {
            case 4 when Ascii.EqualsIgnoreCase(name, "host"u8):
                layout.Flags |= layout.Has(HeadFlags.Host) ? HeadFlags.TwoHosts : HeadFlags.Host;
                break;
            case 10 when Ascii.EqualsIgnoreCase(name, "connection"u8):
                ReadConnection(value, ref layout);
                break;
            case 14 when Ascii.EqualsIgnoreCase(name, "content-length"u8):
                ReadContentLength(value, ref layout);
                break;
            case 15 when Ascii.EqualsIgnoreCase(name, "x-forwarded-for"u8):
                layout.ForwardedForStart = at + colon + 1;
                layout.ForwardedForLength = value.Length;
                break;
            case 17 when Ascii.EqualsIgnoreCase(name, "transfer-encoding"u8):
                ReadTransferEncoding(value, ref layout);
                break;
            default:
                break;
        }
    }

    private static void ReadConnection(ReadOnlySpan<byte> value, ref RequestHeadLayout layout)
    {
        foreach (var part in value.Split((byte)','))
        {
            var option = value[part].Trim(" \t"u8);
            layout.Flags |=
                Ascii.EqualsIgnoreCase(option, "close"u8) ? HeadFlags.Close
                : Ascii.EqualsIgnoreCase(option, "keep-alive"u8) ? HeadFlags.KeepAlive
                : HeadFlags.None;
        }
    }

    private static void ReadContentLength(ReadOnlySpan<byte> value, ref RequestHeadLayout layout)
    {
        if (layout.Has(HeadFlags.ContentLength) || !TryReadLength(value, out var length))
        {
            layout.Note(RequestHeadFault.ContentLength);
            layout.BodyBytes = RequestHeadLayout.UnknownBody;
        }
        else if (layout.BodyBytes == 0)
        {
            layout.BodyBytes = length;
        }
        layout.Flags |= HeadFlags.ContentLength;
    }

    private static void ReadTransferEncoding(ReadOnlySpan<byte> value, ref RequestHeadLayout layout)
    {
        if (!Ascii.EqualsIgnoreCase(value.Trim(" \t"u8), "chunked"u8))
        {
            layout.Note(RequestHeadFault.TransferEncoding);
        }
        layout.BodyBytes = RequestHeadLayout.UnknownBody;
        layout.Flags |= HeadFlags.Chunked;
    }

    /// <summary>The value of a <c>Content-Length</c>: digits alone (RFC 9110, 8.6).</summary>
    private static bool TryReadLength(ReadOnlySpan<byte> value, out long length)
    {
        var digits = value.Trim(" \t"u8);
        return Utf8Parser.TryParse(digits, out length, out var read)
            && read == digits.Length
            && digits.Length <= MaxLengthDigits
            && char.IsAsciiDigit((char)digits[0]);
    }

    /// <summary>Finds the faults that only the whole head shows.</summary>
    private static void Conclude(ref RequestHeadLayout layout)
    {
        if (layout.Has(HeadFlags.TwoHosts) || (layout.Has(HeadFlags.Version11) && !layout.Has(HeadFlags.Host)))
        {
            layout.Note(RequestHeadFault.Host);
        }
        if (layout.Has(HeadFlags.Chunked) && layout.Has(HeadFlags.ContentLength))
        {
            layout.Note(RequestHeadFault.LengthAndEncoding);
        }
    }

    private static bool IsToken(ReadOnlySpan<byte> name) => !name.ContainsAnyExcept(Token);
}
