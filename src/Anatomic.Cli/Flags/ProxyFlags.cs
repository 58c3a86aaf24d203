using System.CommandLine;
using System.Net;
using Anatomic.Cli.Invocation;
using Anatomic.Machine.Configuration;

namespace Anatomic.Cli.Flags;

/// <summary>Reverse proxies in front of a server, and how they pass on the client's address.</summary>
internal sealed class ProxyFlags
{
    /// <summary>Selects the sockets of <c>--unix</c> where an address is expected.</summary>
    private const string UnixSource = "unix";

    private readonly Option<string[]> unix = new("--unix")
    {
        HelpName = "PATH",
        Description = "Also answer HTTP on a Unix socket, for a proxy on this machine; repeatable",
    };

    private readonly Option<string[]> trusted = new("--trust-proxy")
    {
        HelpName = "ADDR",
        Description = "Proxy address or network (10.0.0.0/8) whose X-Forwarded-For is trusted; repeatable",
    };

    private readonly Option<string[]> header = new("--proxy-protocol")
    {
        HelpName = "ADDR",
        Description = "Proxy address or network, or unix, whose connections start with a PROXY header; repeatable",
    };

    public IEnumerable<Option> All => [unix, trusted, header];

    public IReadOnlyList<string> UnixPaths(VerbContext context) =>
        [.. (context.Get(unix) ?? []).Select(context.FullPath)];

    public IReadOnlyList<IPNetwork> Trusted(VerbContext context) =>
        [.. (context.Get(trusted) ?? []).Select(value => FlagValues.Network(trusted.Name, value))];

    public ProxyProtocolSources ProxyProtocol(VerbContext context)
    {
        var sources = context.Get(header) ?? [];
        if (sources.Length == 0)
        {
            return ProxyProtocolSources.None;
        }
        var addresses = sources.Where(source => source != UnixSource);
        return new ProxyProtocolSources
        {
            Networks = [.. addresses.Select(value => FlagValues.Network(header.Name, value))],
            UnixSockets = sources.Contains(UnixSource),
        };
    }
}
