using System.Text;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Simulation.Networks;

/// <summary>Parses the bytes of a complete HTTP/1.1 response, as a request front writes it.</summary>
internal static class RawHttpResponse
{
    private const int EndOfHeadBytes = 4;

    public static HttpResponse Parse(ReadOnlySpan<byte> raw)
    {
        var end = raw.IndexOf("\r\n\r\n"u8);
        Invariant.Holds(end > 0, "a front's response has a head");
        var lines = Encoding.Latin1.GetString(raw[..end]).Split("\r\n");
        var status = lines[0].Split(' ', 3);
        Invariant.Holds(status.Length >= 2 && status[0].StartsWith("HTTP/1.", StringComparison.Ordinal));
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in lines.Skip(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            Invariant.Holds(colon > 0, "a front's header has a colon");
            headers[line[..colon].ToLowerInvariant()] = line[(colon + 1)..].Trim();
        }
        var body = raw[(end + EndOfHeadBytes)..].ToArray();
        if (headers.TryGetValue("content-length", out var length))
        {
            Invariant.Holds(int.Parse(length) == body.Length, "a front's content-length is that of its body");
        }
        return new HttpResponse
        {
            Status = int.Parse(status[1]),
            Headers = headers,
            Body = body,
        };
    }
}
