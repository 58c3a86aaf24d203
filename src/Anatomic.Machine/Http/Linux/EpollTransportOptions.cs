using Anatomic.Machine.Configuration;
using Anatomic.Machine.Http.Requests;

namespace Anatomic.Machine.Http.Linux;

/// <summary>What the loops of one server share.</summary>
/// <param name="Front">Prefetches for the requests that it answers next.</param>
/// <param name="Protocol">Decides what happens on the connections.</param>
/// <param name="Handoffs">Takes the connections whose next request is not for the front.</param>
/// <param name="Proxies">Proxies whose connections begin with a PROXY header.</param>
/// <param name="IsUnix">The listener is a unix socket, whose clients have no addresses.</param>
internal sealed record EpollTransportOptions(
    FrontInvoker Front,
    HttpConnectionProtocol Protocol,
    HandoffQueue Handoffs,
    ProxyProtocolSources Proxies,
    bool IsUnix
);
