using System.Net.Sockets;
using System.Text;
using Anatomic.Interop.Tests.Lab;

namespace Anatomic.Interop.Tests;

/// <summary>
/// Nodes behind nginx and HAProxy, which tell whom they speak for in every way that they have; configurations and commands that
/// docs/operating.md shows are taken from there.
/// </summary>
public sealed class ReverseProxyTests
{
    private const int ProxyPort = 8080;

    /// <summary>Where the guide has the socket: in a folder that a service manager makes.</summary>
    private const string GuideSocket = "/run/anatomic/node.sock";

    private static readonly string Announce =
        $"/announce?info_hash={string.Concat(Enumerable.Repeat("%01", 20))}"
        + $"&peer_id={string.Concat(Enumerable.Repeat("%02", 20))}&port=51413&left=1&compact=1";

    private static string GuideLocation => OperatingGuide.Block("nginx", "location");

    private static string GuideBackend => OperatingGuide.Block("haproxy", "backend node");

    [InteropFact("nginx")]
    public Task Nginx_of_the_guide_names_the_client_in_a_header() =>
        TellsTheClientAsync(OperatingGuide.Command("--trust-proxy"), Nginx(_ => GuideLocation));

    [InteropFact("nginx")]
    public Task Nginx_of_the_guide_names_the_client_over_a_unix_socket() =>
        TellsTheClientAsync(
            OperatingGuide.Command("--unix"),
            Nginx(host =>
                GuideLocation
                    .With("    proxy_pass http://127.0.0.1:6969;\n", OperatingGuide.Block("nginx", "unix:"))
                    .With(GuideSocket, Socket(host))
            )
        );

    [InteropFact("haproxy")]
    public Task HAProxy_of_the_guide_names_the_client_by_the_proxy_protocol() =>
        TellsTheClientAsync(OperatingGuide.Command("--proxy-protocol"), HAProxy(_ => GuideBackend), HealthIsSeenAsync);

    [InteropFact("haproxy")]
    public Task HAProxy_of_the_guide_names_the_client_by_the_proxy_protocol_of_version_1() =>
        TellsTheClientAsync(
            OperatingGuide.Command("--proxy-protocol"),
            HAProxy(_ => GuideBackend.With("send-proxy-v2", "send-proxy")),
            HealthIsSeenAsync
        );

    [InteropFact("haproxy")]
    public Task HAProxy_of_the_guide_names_the_client_by_the_proxy_protocol_over_a_unix_socket() =>
        TellsTheClientAsync(
            ["node", "--listen", "127.0.0.1:6969", "--unix", GuideSocket, "--proxy-protocol", "unix"],
            HAProxy(host =>
                GuideBackend
                    .With("server node 127.0.0.1:6969 send-proxy-v2", OperatingGuide.Quoted("server node unix@"))
                    .With(GuideSocket, Socket(host))
            ),
            HealthIsSeenAsync
        );

    [InteropFact("haproxy")]
    public Task HAProxy_names_the_client_in_a_header() =>
        TellsTheClientAsync(
            OperatingGuide.Command("--trust-proxy"),
            HAProxy(_ => "backend node\n    mode http\n    option forwardfor\n    server node 127.0.0.1:6969\n")
        );

    private static async Task TellsTheClientAsync(
        IEnumerable<string> command,
        Func<LabHost, IEnumerable<string>> proxy,
        Func<LabHost, Task>? andThen = null
    )
    {
        await using var lab = new NetworkLab();
        var server = lab.AddHost("server");
        var client = lab.AddHost("client");
        var node = server.Anatomic([
            .. command.Select(word => word == GuideSocket ? Socket(server) : word),
            "--data",
            server.PathOf("state"),
            "--open",
            "--net",
            "local-proxied",
        ]);
        await node.LineAsync("UDP on the same port", TimeSpan.FromSeconds(60));
        var running = server.Start("proxy", proxy(server));
        var reply = "";
        await Payload.UntilAsync(
            () =>
                (reply = NamespaceHttp.Get(client, server.Address, ProxyPort, Announce)).StartsWith(
                    "HTTP/1.1 200",
                    StringComparison.Ordinal
                ),
            () => $"the proxy never answered: {reply}\n{running.Said}\n{node.Said}"
        );
        var address = client.Address.Split('.').Select(part => (char)byte.Parse(part)).ToArray();
        reply.ShouldContain("11:external ip4:" + new string(address));
        // The page goes the same way, through the ordinary pipeline.
        NamespaceHttp.Get(client, server.Address, ProxyPort, "/healthz").ShouldEndWith("ok\n");
        await (andThen?.Invoke(server) ?? Task.CompletedTask);
    }

    private static string Socket(LabHost host) => host.PathOf("node.sock");

    /// <summary>HAProxy's own checks get through, too: at its socket it says that the node answered well.</summary>
    private static Task HealthIsSeenAsync(LabHost host)
    {
        var said = "";
        return Payload.UntilAsync(
            () => (said = AskHAProxy(host)).Contains(",L7OK,200,", StringComparison.Ordinal),
            () => $"HAProxy never saw the node's health:\n{said}"
        );
    }

    private static string AskHAProxy(LabHost host)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(host.PathOf("haproxy.sock")));
        using var stream = new NetworkStream(socket);
        stream.Write("show stat\n"u8);
        return new StreamReader(stream, Encoding.ASCII).ReadToEnd();
    }

    /// <summary>What stands around the guide's part: where to listen, and folders that a user may write to.</summary>
    private static Func<LabHost, IEnumerable<string>> Nginx(Func<LabHost, string> location) =>
        host =>
        {
            var temporary = string.Join(
                '\n',
                new[] { "client_body", "proxy", "fastcgi", "uwsgi", "scgi" }.Select(kind =>
                    $"{kind}_temp_path {host.PathOf(kind)};"
                )
            );
            var configuration = host.PathOf("nginx.conf");
            File.WriteAllText(
                configuration,
                $$"""
                user root;
                daemon off;
                pid {{host.PathOf("nginx.pid")}};
                error_log stderr;
                events {}
                http {
                    access_log off;
                    {{temporary}}
                    server {
                        listen {{host.Address}}:{{ProxyPort}};
                        {{location(host)}}
                    }
                }
                """
            );
            return ["nginx", "-e", "stderr", "-c", configuration];
        };

    private static Func<LabHost, IEnumerable<string>> HAProxy(Func<LabHost, string> backend) =>
        host =>
        {
            var configuration = host.PathOf("haproxy.cfg");
            File.WriteAllText(
                configuration,
                $"""
                global
                    stats socket {host.PathOf("haproxy.sock")}
                defaults
                    mode tcp
                    timeout connect 5s
                    timeout client 30s
                    timeout server 30s
                frontend clients
                    bind {host.Address}:{ProxyPort}
                    default_backend node
                {backend(host)}
                """
            );
            return ["haproxy", "-db", "-f", configuration];
        };
}
