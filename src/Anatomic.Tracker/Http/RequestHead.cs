using System.Text;
using Anatomic.Wire.Trackers;

namespace Anatomic.Tracker.Http;

/// <summary>What a tracker needs of a request's head: the request line and three headers, found without copying.</summary>
internal ref struct RequestHead
{
    private static ReadOnlySpan<byte> Crlf => "\r\n"u8;

    public TrackerPath Path;

    public bool IsGet;

    /// <summary>A reply has no body (RFC 9110, 9.3.2).</summary>
    public bool IsHead;

    /// <summary>The folder in front of it: <c>WORD</c> of <c>/WORD/announce</c>; empty: none.</summary>
    public ReadOnlySpan<byte> PathToken;

    /// <summary>Behind the question mark.</summary>
    public ReadOnlySpan<byte> Query;

    /// <summary>HTTP/1.0, whose connections end after a reply unless the client asks otherwise (RFC 9112, 9.3).</summary>
    public bool IsVersion10;

    /// <summary>The connection may serve another request: not after a body that nobody reads, nor after what is no GET.</summary>
    public bool KeepOpen;

    /// <summary>The last <c>X-Forwarded-For</c>; empty: none.</summary>
    public ReadOnlySpan<byte> ForwardedFor;

    private bool hasBody;

    /// <summary>False: no announce and no scrape, or one in a form that the ordinary pipeline knows better what to do with.</summary>
    public static bool TryRead(ReadOnlySpan<byte> head, out RequestHead read)
    {
        read = default;
        var end = head.IndexOf(Crlf);
        if (end < 0 || !read.TryReadRequestLine(head[..end]))
        {
            return false;
        }
        var rest = head[(end + 2)..];
        while (true)
        {
            end = rest.IndexOf(Crlf);
            if (end <= 0)
            {
                read.KeepOpen &= read.IsGet && !read.hasBody;
                return end == 0;
            }
            if (!read.TryReadHeader(rest[..end]))
            {
                return false;
            }
            rest = rest[(end + 2)..];
        }
    }

    private bool TryReadRequestLine(ReadOnlySpan<byte> line)
    {
        var methodEnd = line.IndexOf((byte)' ');
        var target = line[(methodEnd + 1)..];
        var space = target.IndexOf((byte)' ');
        if (methodEnd < 1 || space < 1 || target[0] != '/')
        {
            return false;
        }
        var method = line[..methodEnd];
        IsGet = method.SequenceEqual("GET"u8);
        IsHead = method.SequenceEqual("HEAD"u8);
        var version = target[(space + 1)..];
        IsVersion10 = version.SequenceEqual("HTTP/1.0"u8);
        KeepOpen = version.SequenceEqual("HTTP/1.1"u8);
        target = target[..space];
        var mark = target.IndexOf((byte)'?');
        var path = mark < 0 ? target : target[..mark];
        Query = mark < 0 ? [] : target[(mark + 1)..];
        PathToken = AccessToken.FromPath(path, out var name);
        var isScrape = name.SequenceEqual("scrape"u8);
        Path = isScrape ? TrackerPath.Scrape : TrackerPath.Announce;
        return (IsVersion10 || KeepOpen)
            && !method.ContainsAnyExceptInRange((byte)'A', (byte)'Z')
            && (isScrape || name.SequenceEqual("announce"u8))
            && path.Length == name.Length + 1 + (PathToken.IsEmpty ? 0 : PathToken.Length + 1);
    }

    private bool TryReadHeader(ReadOnlySpan<byte> line)
    {
        var colon = line.IndexOf((byte)':');
        if (colon < 0)
        {
            return false;
        }
        var name = line[..colon];
        var value = line[(colon + 1)..].Trim(" \t"u8);
        switch (colon)
        {
            case 10 when Ascii.EqualsIgnoreCase(name, "connection"u8):
                ReadConnectionOptions(value);
                return true;
            case 14 when Ascii.EqualsIgnoreCase(name, "content-length"u8):
                hasBody |= !value.SequenceEqual("0"u8);
                return true;
            case 15 when Ascii.EqualsIgnoreCase(name, "x-forwarded-for"u8):
                ForwardedFor = value;
                return true;
            case 17 when Ascii.EqualsIgnoreCase(name, "transfer-encoding"u8):
                hasBody = true;
                return true;
            default:
                return true;
        }
    }

    private void ReadConnectionOptions(ReadOnlySpan<byte> value)
    {
        foreach (var part in value.Split((byte)','))
        {
            var option = value[part].Trim(" \t"u8);
            if (Ascii.EqualsIgnoreCase(option, "close"u8))
            {
                KeepOpen = false;
                return;
            }
            KeepOpen |= IsVersion10 && Ascii.EqualsIgnoreCase(option, "keep-alive"u8);
        }
    }
}
