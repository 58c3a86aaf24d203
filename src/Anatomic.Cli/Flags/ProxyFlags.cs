using System.CommandLine;
using System.Net;
using Anatomic.Cli.Invocation;
using Anatomic.Cli.Runtime;
using Anatomic.Machine.Configuration;

namespace Anatomic.Cli.Flags;

/// <summary>What stands in front of a node: proxies, and the ways by which they tell whom they speak for.</summary>
internal sealed class ProxyFlags
{
    /// <summary>Stands for the unix sockets of <c>--unix</c> where an address is expected.</summary>
    private const string UnixWord = "unix";

    private readonly Option<string[]> unix = new("--unix")
    {
        HelpName = "PATH",
        Description = "Answer HTTP at a unix socket, too, for a proxy on this machine; repeatable",
    };

    private readonly Option<string[]> trusted = new("--trust-proxy")
    {
        HelpName = "ADDR",
        Description = "A proxy (or its network, as 10.0.0.0/8) whose X-Forwarded-For counts; repeatable",
    };

    private readonly Option<string[]> header = new("--proxy-protocol")
    {
        HelpName = "ADDR",
        Description =
            "A proxy (or its network, or the word unix) whose connections begin with a PROXY header; repeatable",
    };

    public IEnumerable<Option> All => [unix, trusted, header];

    public IReadOnlyList<string> UnixPaths(VerbContext context) =>
        [.. (context.Get(unix) ?? []).Select(context.FullPath)];

    public IReadOnlyList<IPNetwork> Trusted(VerbContext context) =>
        [.. (context.Get(trusted) ?? []).Select(word => Network(trusted.Name, word))];

    public ProxyProtocolSources ProxyProtocol(VerbContext context)
    {
        var words = context.Get(header) ?? [];
        return words.Length == 0
            ? ProxyProtocolSources.None
            : new ProxyProtocolSources
            {
                Networks = [.. words.Where(word => word != UnixWord).Select(word => Network(header.Name, word))],
                UnixSockets = words.Contains(UnixWord),
            };
    }

    private static IPNetwork Network(string flag, string word)
    {
        if (IPNetwork.TryParse(word, out var network))
        {
            return network;
        }
        return IPAddress.TryParse(word, out var address)
            ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
            : throw CliException.Arguments(
                $"{flag} {word} is no address: write it as in {flag} 127.0.0.1 or {flag} 10.0.0.0/8"
            );
    }
}
