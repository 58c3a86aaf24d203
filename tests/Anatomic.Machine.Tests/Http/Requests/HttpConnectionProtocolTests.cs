using System.Text;
using Anatomic.Machine.Configuration;
using Anatomic.Machine.Http.Requests;
using Anatomic.Wire;

namespace Anatomic.Machine.Tests.Http.Requests;

public class HttpConnectionProtocolTests
{
    private const string Announce = "GET /announce?1 HTTP/1.1\r\n\r\n";
    private const string LastAnnounce = "GET /announce?1 HTTP/1.1\r\nConnection: close\r\n\r\n";
    private const string ProxyHeader = "PROXY TCP4 192.0.2.7 127.0.0.1 40001 6969\r\n";

    private static readonly string Reply = EchoFront.Reply("/announce?1");

    private readonly ResponseBuffer output = new();
    private readonly List<Exception> exceptions = [];
    private HttpConnectionState state;

    [Theory]
    [InlineData("", nameof(HttpNextStep.Receive))]
    [InlineData("GET /ann", nameof(HttpNextStep.Receive))]
    [InlineData("\r", nameof(HttpNextStep.Receive))]
    [InlineData("POST /orders HTTP/1.1\r\nHost: a\r\n\r\n", nameof(HttpNextStep.PassThrough))]
    [InlineData("get /announce HTTP/1.1\r\nHost: a\r\n\r\n", nameof(HttpNextStep.PassThrough))]
    public void Nothing_is_consumed_of_what_is_not_answered(string bytes, string step)
    {
        Run(bytes, out var rest).ToString().ShouldBe(step);
        rest.ShouldBe(bytes);
        Output.ShouldBe("");
    }

    [Fact]
    public void Empty_lines_before_a_request_are_skipped()
    {
        Run("\r\n\r\n\r", out var rest).ShouldBe(HttpNextStep.Receive);
        rest.ShouldBe("\r");
        Run(rest + "\n" + LastAnnounce, out _).ShouldBe(HttpNextStep.Close);
        Output.ShouldBe(Reply);
    }

    [Fact]
    public void Pipelined_requests_are_answered_until_one_is_for_Kestrel()
    {
        const string Other = "GET /status HTTP/1.1\r\nHost: a\r\n\r\n" + Announce;
        Run(Announce + "\r\n" + Announce + Other, out var rest).ShouldBe(HttpNextStep.PassThrough);
        rest.ShouldBe(Other);
        Output.ShouldBe(Reply + Reply);
    }

    [Fact]
    public void A_part_of_a_head_is_kept_for_later()
    {
        Run(Announce + "GET /ann", out var rest).ShouldBe(HttpNextStep.Receive);
        rest.ShouldBe("GET /ann");
        Run(rest + "ounce?1 HTTP/1.1\r\n\r\n", out rest).ShouldBe(HttpNextStep.Receive);
        rest.ShouldBe("");
        Output.ShouldBe(Reply + Reply);
    }

    [Fact]
    public void The_lines_of_a_head_that_arrives_byte_by_byte_are_read_once()
    {
        var protocol = new HttpConnectionProtocol(
            new FrontInvoker(new EchoFront(), exceptions.Add),
            new RequestHeadValidator(1000),
            detectsTls: false
        );
        var bytes = Encoding.Latin1.GetBytes("GET /announce?1 HTTP/1.1\r\nContent-Length: 7\r\nX: y\r\n\r\n");
        HttpReadResult read;
        for (var length = 1; length < bytes.Length; length++)
        {
            protocol.Read(ref state, bytes.AsSpan(0, length), out read);
            read.Input.ShouldBe(HttpInput.Incomplete);
            if (bytes[length - 1] == '\n')
            {
                bytes.AsSpan(0, length).Clear();
            }
        }
        protocol.Read(ref state, bytes, out read);
        (read.Input, read.Head.BodyBytes, read.Head.Length).ShouldBe((HttpInput.Request, 7, bytes.Length));
        // The next head is read from its first line.
        Run(LastAnnounce, out _).ShouldBe(HttpNextStep.Close);
        Output.ShouldBe(Reply);
    }

    [Theory]
    [InlineData(LastAnnounce, nameof(HttpNextStep.Close))]
    [InlineData(LastAnnounce + "more", nameof(HttpNextStep.DrainAndClose))]
    [InlineData("GET /announce?1 HTTP/1.1\r\nContent-Length: 4\r\n\r\n", nameof(HttpNextStep.DrainAndClose))]
    [InlineData("GET /announce?1 HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody", nameof(HttpNextStep.Close))]
    [InlineData(
        "GET /announce?1 HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody" + Announce,
        nameof(HttpNextStep.DrainAndClose)
    )]
    [InlineData("GET /announce?1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", nameof(HttpNextStep.DrainAndClose))]
    public void The_connection_is_closed_after_the_reply_once_everything_has_arrived(string bytes, string step)
    {
        Run(bytes, out _).ToString().ShouldBe(step);
        Output.ShouldBe(Reply);
    }

    [Theory]
    [InlineData("\u0016\u0003\u0001", nameof(HttpNextStep.Close), "400")]
    [InlineData("GET /x HTTP/9.9\r\n\r\n", nameof(HttpNextStep.Close), "505")]
    [InlineData("POST /x HTTP/1.1\r\nHost: a\n", nameof(HttpNextStep.DrainAndClose), "400")]
    [InlineData("POST /x HTTP/1.1\r\nContent-Length: 4\r\n\r\n", nameof(HttpNextStep.DrainAndClose), "400")]
    [InlineData("POST /x HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody", nameof(HttpNextStep.Close), "400")]
    [InlineData(
        "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 9999\r\n\r\n",
        nameof(HttpNextStep.DrainAndClose),
        "413"
    )]
    public void What_is_not_HTTP_is_rejected(string bytes, string step, string status)
    {
        Run(Announce + bytes, out _).ToString().ShouldBe(step);
        Output.ShouldStartWith($"{Reply}HTTP/1.1 {status} ");
    }

    [Fact]
    public void A_head_beyond_the_limit_is_rejected_and_the_rest_of_it_dropped()
    {
        Run("GET /announce?".PadRight(MachineLimits.HeadBytes, 'x'), out _).ShouldBe(HttpNextStep.DrainAndClose);
        Output.ShouldStartWith("HTTP/1.1 414 ");
    }

    [Fact]
    public void The_front_gets_the_address_that_a_proxy_names()
    {
        state = new HttpConnectionState { ClientAddress = Endpoint.FromV4(1, 1), ExpectsProxyHeader = true };
        for (var length = 0; length < ProxyHeader.Length; length++)
        {
            Run(ProxyHeader[..length], out var partial).ShouldBe(HttpNextStep.Receive);
            partial.ShouldBe(ProxyHeader[..length]);
        }
        Run(ProxyHeader, out var rest).ShouldBe(HttpNextStep.Receive);
        rest.ShouldBe("");
        state.ClientAddress.ToString().ShouldBe("192.0.2.7:40001");
        Run(Announce, out _).ShouldBe(HttpNextStep.Receive);
        Output.ShouldBe(Reply);
    }

    [Fact]
    public void A_proxy_header_and_a_request_can_arrive_together()
    {
        state.ExpectsProxyHeader = true;
        Run(ProxyHeader + LastAnnounce, out _).ShouldBe(HttpNextStep.Close);
        Output.ShouldBe(Reply);
    }

    [Fact]
    public void A_connection_without_the_expected_proxy_header_is_closed_without_a_reply()
    {
        state.ExpectsProxyHeader = true;
        Run(Announce, out _).ShouldBe(HttpNextStep.Close);
        Output.ShouldBe("");
    }

    [Fact]
    public void A_proxy_header_that_is_not_expected_is_rejected()
    {
        Run(ProxyHeader + Announce, out _).ShouldBe(HttpNextStep.Close);
        Output.ShouldStartWith("HTTP/1.1 400 ");
    }

    [Theory]
    [InlineData(true, nameof(HttpNextStep.PassThrough))]
    [InlineData(false, nameof(HttpNextStep.Close))]
    public void The_first_byte_tells_TLS_where_it_is_offered(bool detectsTls, string step)
    {
        Run("\u0016\u0003\u0001", out var rest, detectsTls).ToString().ShouldBe(step);
        rest.ShouldBe("\u0016\u0003\u0001");
    }

    [Fact]
    public void TLS_may_follow_a_proxy_header_but_not_a_request()
    {
        state.ExpectsProxyHeader = true;
        Run(ProxyHeader, out _, detectsTls: true).ShouldBe(HttpNextStep.Receive);
        Run("\u0016\u0003\u0001", out _, detectsTls: true).ShouldBe(HttpNextStep.PassThrough);
        state = default;
        Run(Announce, out _, detectsTls: true).ShouldBe(HttpNextStep.Receive);
        Run("\u0016\u0003\u0001", out _, detectsTls: true).ShouldBe(HttpNextStep.Close);
    }

    [Fact]
    public void A_front_that_throws_becomes_a_500_without_its_partial_reply()
    {
        Run(Announce + "GET /announce?bug HTTP/1.1\r\n\r\n", out _).ShouldBe(HttpNextStep.Close);
        Output.ShouldStartWith(Reply + "HTTP/1.1 500 ");
        exceptions.ShouldHaveSingleItem().Message.ShouldBe("a bug");
    }

    private string Output => Encoding.Latin1.GetString(output.Written);

    /// <summary>
    /// Does what the owner of a connection does with received bytes; <paramref name="rest"/> is what was not consumed.
    /// </summary>
    private HttpNextStep Run(string text, out string rest, bool detectsTls = false)
    {
        var front = new FrontInvoker(new EchoFront(), exceptions.Add);
        var protocol = new HttpConnectionProtocol(front, new RequestHeadValidator(1000), detectsTls);
        ReadOnlySpan<byte> bytes = Encoding.Latin1.GetBytes(text);
        HttpNextStep step;
        do
        {
            protocol.Read(ref state, bytes, out var read);
            bytes = bytes[read.Skipped..];
            step = protocol.Answer(read, bytes, bytes.Length, state, output, out var consumed);
            bytes = bytes[consumed..];
        } while (step == HttpNextStep.ReadNext);
        rest = Encoding.Latin1.GetString(bytes);
        return step;
    }
}
