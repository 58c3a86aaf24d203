using System.Buffers;
using Anatomic.Machine.Configuration;
using Anatomic.Wire.Http;
using Anatomic.Wire.Proxies;
using Anatomic.World;

namespace Anatomic.Machine.Http.Requests;

/// <summary>What the next bytes of a connection are.</summary>
internal enum HttpInput
{
    /// <summary>A part of a request, or nothing.</summary>
    Incomplete,

    /// <summary>A complete head.</summary>
    Request,

    /// <summary>Not HTTP/1, or a head beyond the limit.</summary>
    Malformed,

    /// <summary>The first byte of a TLS handshake.</summary>
    Tls,

    /// <summary>Not the PROXY header that the connection must begin with.</summary>
    InvalidProxyHeader,
}

/// <summary>The next input of a connection.</summary>
internal struct HttpReadResult
{
    public HttpInput Input;

    /// <summary>Bytes in front of the head that are consumed: a PROXY header, empty lines.</summary>
    public int Skipped;

    /// <summary>Valid for a request and for malformed input.</summary>
    public RequestHeadLayout Head;
}

/// <summary>What the owner of a connection does next. Replies written so far are sent first.</summary>
internal enum HttpNextStep
{
    /// <summary>Reads the bytes behind the answered request, which may be another one.</summary>
    ReadNext,

    /// <summary>Receives more, and reads again from the first byte that was not consumed.</summary>
    Receive,

    /// <summary>Gives the connection to Kestrel, with every byte that was not consumed.</summary>
    PassThrough,

    /// <summary>Closes: everything that the client sent has been received.</summary>
    Close,

    /// <summary>
    /// Closes once the client has sent all: unread bytes would reset the connection and may destroy the reply (RFC
    /// 9112, 9.6).
    /// </summary>
    DrainAndClose,
}

/// <summary>
/// Decides what happens on the connections of one server, as long as their requests are for the front: reads PROXY
/// headers and request heads, has the front answer, rejects what is not HTTP, and passes other requests on.
/// Synchronous, without sockets; whoever owns a connection only moves bytes. Shared by all connections and threads.
/// </summary>
internal sealed class HttpConnectionProtocol(FrontInvoker front, RequestHeadValidator validator, bool detectsTls)
{
    private const byte TlsHandshake = 22; // ContentType of RFC 8446, 5.1; no request begins with it

    private static ReadOnlySpan<byte> EmptyLine => "\r\n"u8;

    public static bool IsTls(ReadOnlySpan<byte> start) => start is [TlsHandshake, ..];

    /// <summary>Finds the next request in <paramref name="bytes"/>.</summary>
    /// <param name="bytes">The received bytes that are not consumed.</param>
    public void Read(ref HttpConnectionState state, ReadOnlySpan<byte> bytes, out HttpReadResult result)
    {
        result = default;
        if (state.ExpectsProxyHeader && !TryReadProxyHeader(ref state, bytes, ref result))
        {
            return;
        }
        bytes = bytes[result.Skipped..];
        if (!state.HasBegun && !bytes.IsEmpty)
        {
            state.HasBegun = true;
            if (detectsTls && IsTls(bytes))
            {
                result.Input = HttpInput.Tls;
                return;
            }
        }
        // Some old clients send an empty line behind a body (RFC 9112, 2.2).
        while (bytes.StartsWith(EmptyLine))
        {
            bytes = bytes[EmptyLine.Length..];
            result.Skipped += EmptyLine.Length;
        }
        if (!bytes.IsEmpty)
        {
            ReadHead(ref state, bytes, ref result);
        }
    }

    private static void ReadHead(ref HttpConnectionState state, ReadOnlySpan<byte> bytes, ref HttpReadResult result)
    {
        var status = RequestHeadReader.Resume(bytes, MachineLimits.HeadBytes, ref state.PartialHead);
        if (status == RequestHeadStatus.Incomplete)
        {
            return;
        }
        result.Input = status == RequestHeadStatus.Complete ? HttpInput.Request : HttpInput.Malformed;
        result.Head = state.PartialHead;
        state.PartialHead = default;
    }

    /// <summary>Acts on what was read.</summary>
    /// <param name="read">The result of <see cref="Read"/>.</param>
    /// <param name="bytes">The bytes behind the skipped ones, at least to the end of the head.</param>
    /// <param name="received">The number of all received bytes behind the skipped ones.</param>
    /// <param name="output">Takes the reply.</param>
    /// <param name="consumed">The number of bytes that are consumed: the head of an answered request.</param>
    public HttpNextStep Answer(
        in HttpReadResult read,
        ReadOnlySpan<byte> bytes,
        long received,
        in HttpConnectionState state,
        ResponseBuffer output,
        out int consumed
    )
    {
        consumed = 0;
        switch (read.Input)
        {
            case HttpInput.Request:
                break;
            case HttpInput.Malformed:
                output.Write(validator.Rejection(read.Head, []));
                // The rest of an HTTP head may follow, with a body; the sender of anything else has probably sent all.
                return read.Head.Fault == RequestHeadFault.RequestLine && received < MachineLimits.HeadBytes
                    ? HttpNextStep.Close
                    : HttpNextStep.DrainAndClose;
            case HttpInput.Tls:
                return HttpNextStep.PassThrough;
            case HttpInput.InvalidProxyHeader:
                // Only a misconfigured proxy would see a reply, and it has no client to give it to.
                return HttpNextStep.Close;
            default:
                return HttpNextStep.Receive;
        }
        var result = read.Head.IsParsed
            ? front.Handle(new RequestHead(bytes, read.Head), state.ClientAddress, output)
            : FrontResult.PassThrough;
        if (result == FrontResult.PassThrough)
        {
            return PassOn(read.Head, bytes, received, output);
        }
        consumed = read.Head.Length;
        return result == FrontResult.KeepOpen && read.Head.BodyBytes == 0 ? HttpNextStep.ReadNext
            : received - consumed == read.Head.BodyBytes ? HttpNextStep.Close
            : HttpNextStep.DrainAndClose;
    }

    private static bool TryReadProxyHeader(
        ref HttpConnectionState state,
        ReadOnlySpan<byte> bytes,
        ref HttpReadResult result
    )
    {
        switch (ProxyHeader.Read(bytes, out var length, out var client, out _))
        {
            case ProxyHeaderResult.Complete:
                state.ExpectsProxyHeader = false;
                state.ClientAddress = client ?? state.ClientAddress;
                result.Skipped = length;
                return true;
            case ProxyHeaderResult.Invalid:
                result.Input = HttpInput.InvalidProxyHeader;
                return false;
            default:
                return false;
        }
    }

    /// <summary>
    /// Passes only valid requests on, as a rejection by Kestrel would cost far more than an announce.
    /// </summary>
    private HttpNextStep PassOn(
        in RequestHeadLayout head,
        ReadOnlySpan<byte> bytes,
        long received,
        ResponseBuffer output
    )
    {
        var rejection = validator.Rejection(head, bytes[head.Length..]);
        if (rejection.IsEmpty)
        {
            return HttpNextStep.PassThrough;
        }
        output.Write(rejection);
        var hasArrived =
            head.BodyBytes == 0 ? received < MachineLimits.HeadBytes : received == head.Length + head.BodyBytes;
        return hasArrived ? HttpNextStep.Close : HttpNextStep.DrainAndClose;
    }
}
