using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Anatomic.Machine.Http.Requests;
using Anatomic.Wire;
using Anatomic.Wire.Http;
using Anatomic.World;

namespace Anatomic.Machine.Http;

/// <summary>
/// Lets the front answer requests that Kestrel has read. A connection that has gone to Kestrel stays there, and
/// announces may follow on it: they are written out again for the front, and Kestrel sends its reply.
/// </summary>
internal static class FrontAdapter
{
    public static bool TryAnswer(
        FrontInvoker front,
        InboundRequest request,
        [NotNullWhen(true)] out HttpResponse? response
    )
    {
        response = null;
        var head = WriteHead(request);
        var buffer = ResponseBuffer.ForThread();
        if (
            !RequestHeadReader.TryRead(head, out var layout)
            || front.Handle(new RequestHead(head, layout), request.From, buffer) == FrontResult.PassThrough
        )
        {
            return false;
        }
        response = Parse(buffer.Written.ToArray());
        return true;
    }

    private static byte[] WriteHead(InboundRequest request)
    {
        var head = new StringBuilder(512);
        head.Append(CultureInfo.InvariantCulture, $"{request.Method} {request.Target} HTTP/1.1\r\n");
        foreach (var (name, value) in request.Headers)
        {
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }
        return Encoding.Latin1.GetBytes(head.Append("\r\n").ToString());
    }

    /// <summary>Parses a response that our own front has written.</summary>
    private static HttpResponse Parse(byte[] written)
    {
        var end = written.AsSpan().IndexOf("\r\n\r\n"u8);
        Invariant.Holds(end > 0, "a front writes complete responses");
        var lines = Encoding.Latin1.GetString(written.AsSpan(0, end)).Split("\r\n");
        var headers = new Dictionary<string, string>();
        foreach (var line in lines.AsSpan(1))
        {
            var colon = line.IndexOf(':');
            Invariant.Holds(colon > 0, "a front's header lines have names");
            var name = line[..colon].ToLowerInvariant();
            // These are about the connection, which is Kestrel's here.
            if (name is not ("content-length" or "connection" or "keep-alive"))
            {
                headers[name] = line[(colon + 1)..].Trim();
            }
        }
        return new HttpResponse
        {
            Status = int.Parse(lines[0].AsSpan(9, 3), CultureInfo.InvariantCulture),
            Headers = headers,
            Body = written.AsMemory(end + 4),
        };
    }
}
