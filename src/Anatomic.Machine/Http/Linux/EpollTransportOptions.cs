using Anatomic.Machine.Configuration;
using Anatomic.Machine.Http.Requests;

namespace Anatomic.Machine.Http.Linux;

/// <summary>What the loops of one server have in common.</summary>
/// <param name="Caller">Answers.</param>
/// <param name="Broken">Refuses what nobody else need see.</param>
/// <param name="Others">Takes the connections whose next request is not the front's.</param>
/// <param name="SpeaksTls">A connection that begins like TLS goes to <paramref name="Others"/>.</param>
/// <param name="Proxies">Those whose connections begin with a PROXY header.</param>
/// <param name="IsUnix">The listener is a unix socket, whose peers have no addresses.</param>
internal sealed record EpollTransportOptions(
    FrontInvoker Caller,
    RequestHeadValidator Broken,
    HandOver Others,
    bool SpeaksTls,
    ProxyProtocolSources Proxies,
    bool IsUnix
);
