using System.Buffers;
using System.Text;
using Anatomic.Wire;
using Anatomic.Wire.Http;
using Anatomic.World;

namespace Anatomic.Machine.Tests.Http;

/// <summary>A handler made of one function.</summary>
internal sealed class Handler(Func<InboundRequest, HttpResponse> answer) : IRequestHandler
{
    public ValueTask<HttpResponse> HandleAsync(InboundRequest request, CancellationToken stop) =>
        ValueTask.FromResult(answer(request));

    public static HttpResponse Text(string text, int status = 200) =>
        HttpResponse.Of(status, "text/plain", Encoding.Latin1.GetBytes(text));
}

/// <summary>
/// Answers <c>GET /announce</c> with its target; to <c>?big</c> with much more, and throws on <c>?bug</c>.
/// </summary>
internal sealed class EchoFront : IRequestFront
{
    public FrontResult Handle(in RequestHead head, in Endpoint from, IBufferWriter<byte> reply)
    {
        var text = Encoding.Latin1.GetString(head.Bytes);
        if (!text.StartsWith("GET /announce", StringComparison.Ordinal))
        {
            return FrontResult.PassThrough;
        }
        if (text.Contains("?bug", StringComparison.Ordinal))
        {
            reply.Write("HTTP/1.1 half"u8);
            throw new InvalidDataException("a bug");
        }
        var target = text.Split(' ')[1];
        var body = target.Contains("?big", StringComparison.Ordinal) ? new string('b', 100_000) : target;
        reply.Write(Encoding.Latin1.GetBytes(Reply(body)));
        return text.Contains("Connection: close", StringComparison.Ordinal) ? FrontResult.Close : FrontResult.KeepOpen;
    }

    public static string Reply(string body) =>
        $"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {body.Length}\r\n\r\n{body}";
}

/// <summary>Answers <c>GET /announce</c> with the client's address; to <c>?long</c> with much more.</summary>
internal sealed class ClientAddressFront : IRequestFront
{
    public FrontResult Handle(in RequestHead head, in Endpoint from, IBufferWriter<byte> reply)
    {
        var text = Encoding.Latin1.GetString(head.Bytes);
        if (!text.StartsWith("GET /announce", StringComparison.Ordinal))
        {
            return FrontResult.PassThrough;
        }
        var target = text.Split(' ')[1];
        var isLong = target.Contains("?long", StringComparison.Ordinal);
        var body = isLong ? $"{target} {new string('b', 20_000)}" : Name(from);
        reply.Write(Encoding.Latin1.GetBytes(EchoFront.Reply(body)));
        return text.Contains("Connection: close", StringComparison.Ordinal) ? FrontResult.Close : FrontResult.KeepOpen;
    }

    public static string Name(Endpoint from) => from == default ? "unix" : from.ToString();
}

/// <summary>HTTP servers without a front.</summary>
internal static class TestHttpServer
{
    public const int MaxBodyBytes = 1000;

    public static ValueTask<IRunningServer> StartAsync(
        TestMachine machine,
        Func<InboundRequest, HttpResponse> answer,
        Endpoint? at = null
    ) =>
        machine.World.Network.ServeHttpAsync(
            new HttpServerOptions
            {
                At = at ?? TestMachine.AnyV4,
                Handler = new Handler(answer),
                MaxBodyBytes = MaxBodyBytes,
            },
            machine.Stop
        );

    public static Uri UrlOf(IRunningServer server) => new($"http://{server.Local}/");
}
