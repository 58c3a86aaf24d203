using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Anatomic.Machine.Http.Requests;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Machine.Http;

/// <summary>
/// A connection that has once gone to the ordinary pipeline stays there; when an announce comes on it all the same, the front
/// is asked with the request written out again, and its reply goes out through the pipeline.
/// </summary>
internal static class FrontAdapter
{
    public static bool TryAnswer(FrontInvoker front, InboundRequest call, [NotNullWhen(true)] out HttpResponse? reply)
    {
        reply = null;
        var written = new ArrayBufferWriter<byte>(1024);
        if (front.Call(HeadOf(call), call.From, written) == FrontResult.PassThrough)
        {
            return false;
        }
        reply = Parse(written.WrittenMemory);
        return true;
    }

    private static byte[] HeadOf(InboundRequest call)
    {
        var head = new StringBuilder(512);
        head.Append(CultureInfo.InvariantCulture, $"{call.Method} {call.Target} HTTP/1.1\r\n");
        foreach (var (name, value) in call.Headers)
        {
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }
        return Encoding.Latin1.GetBytes(head.Append("\r\n").ToString());
    }

    /// <summary>Reads what the program's own front has written: a status line, headers, an empty line, and the body.</summary>
    private static HttpResponse Parse(ReadOnlyMemory<byte> response)
    {
        var end = response.Span.IndexOf("\r\n\r\n"u8);
        Invariant.Holds(end > 0, "a front writes whole responses");
        var lines = Encoding.Latin1.GetString(response.Span[..end]).Split("\r\n");
        var headers = new Dictionary<string, string>();
        foreach (var line in lines.AsSpan(1))
        {
            var colon = line.IndexOf(':');
            Invariant.Holds(colon > 0, "a front's header lines have names");
            var name = line[..colon].ToLowerInvariant();
            // These two are about the connection, which is the pipeline's here.
            if (name is not ("content-length" or "connection" or "keep-alive"))
            {
                headers[name] = line[(colon + 1)..].Trim();
            }
        }
        return new HttpResponse
        {
            Status = int.Parse(lines[0].AsSpan(9, 3), CultureInfo.InvariantCulture),
            Headers = headers,
            Body = response[(end + 4)..],
        };
    }
}
