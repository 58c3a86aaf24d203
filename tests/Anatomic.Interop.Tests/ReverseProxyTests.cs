using System.Net.Sockets;
using System.Text;
using Anatomic.Interop.Tests.Lab;

namespace Anatomic.Interop.Tests;

/// <summary>
/// Nodes behind nginx and HAProxy, which pass on the client's address in every way they support. Configurations and
/// commands are read from docs/operating.md.
/// </summary>
public sealed class ReverseProxyTests
{
    private const int ProxyPort = 8080;

    /// <summary>The socket in the guide; its folder is created by systemd.</summary>
    private const string GuideSocket = "/run/anatomic/node.sock";

    private static readonly string Announce =
        $"/announce?info_hash={string.Concat(Enumerable.Repeat("%01", 20))}"
        + $"&peer_id={string.Concat(Enumerable.Repeat("%02", 20))}&port=51413&left=1&compact=1";

    private static string GuideLocation => OperatingGuide.Block("nginx", "location");

    private static string GuideBackend => OperatingGuide.Block("haproxy", "backend node");

    [InteropFact("nginx")]
    public Task The_guides_nginx_names_the_client_in_a_header() =>
        CheckClientAddressAsync(OperatingGuide.Command("--trust-proxy"), Nginx(_ => GuideLocation));

    [InteropFact("nginx")]
    public Task The_guides_nginx_names_the_client_over_a_unix_socket() =>
        CheckClientAddressAsync(
            OperatingGuide.Command("--unix"),
            Nginx(host =>
                GuideLocation
                    .With("    proxy_pass http://127.0.0.1:6969;\n", OperatingGuide.Block("nginx", "unix:"))
                    .With(GuideSocket, Socket(host))
            )
        );

    [InteropFact("haproxy")]
    public Task The_guides_haproxy_names_the_client_by_the_proxy_protocol() =>
        CheckClientAddressAsync(
            OperatingGuide.Command("--proxy-protocol"),
            HAProxy(_ => GuideBackend),
            WaitForHealthCheckAsync
        );

    [InteropFact("haproxy")]
    public Task The_guides_haproxy_names_the_client_by_version_1_of_the_proxy_protocol() =>
        CheckClientAddressAsync(
            OperatingGuide.Command("--proxy-protocol"),
            HAProxy(_ => GuideBackend.With("send-proxy-v2", "send-proxy")),
            WaitForHealthCheckAsync
        );

    [InteropFact("haproxy")]
    public Task The_guides_haproxy_names_the_client_by_the_proxy_protocol_over_a_unix_socket() =>
        CheckClientAddressAsync(
            ["node", "--listen", "127.0.0.1:6969", "--unix", GuideSocket, "--proxy-protocol", "unix"],
            HAProxy(host =>
                GuideBackend
                    .With("server node 127.0.0.1:6969 send-proxy-v2", OperatingGuide.Quoted("server node unix@"))
                    .With(GuideSocket, Socket(host))
            ),
            WaitForHealthCheckAsync
        );

    [InteropFact("haproxy")]
    public Task HAProxy_names_the_client_in_a_header() =>
        CheckClientAddressAsync(
            OperatingGuide.Command("--trust-proxy"),
            HAProxy(_ => "backend node\n    mode http\n    option forwardfor\n    server node 127.0.0.1:6969\n")
        );

    private static async Task CheckClientAddressAsync(
        IEnumerable<string> command,
        Func<LabHost, IEnumerable<string>> proxy,
        Func<LabHost, Task>? afterwards = null
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
        await node.WaitForLineAsync("UDP on the same port", TimeSpan.FromSeconds(60));
        var running = server.Start("proxy", proxy(server));
        var reply = "";
        await Payload.WaitUntilAsync(
            () =>
                (reply = NamespaceHttp.Get(client, server.Address, ProxyPort, Announce)).StartsWith(
                    "HTTP/1.1 200",
                    StringComparison.Ordinal
                ),
            () => $"the proxy never answered: {reply}\n{running.Output}\n{node.Output}"
        );
        var address = client.Address.Split('.').Select(part => (char)byte.Parse(part)).ToArray();
        reply.ShouldContain("11:external ip4:" + new string(address));
        // Pages take the path through Kestrel, and work as well.
        NamespaceHttp.Get(client, server.Address, ProxyPort, "/healthz").ShouldEndWith("ok\n");
        await (afterwards?.Invoke(server) ?? Task.CompletedTask);
    }

    private static string Socket(LabHost host) => host.PathOf("node.sock");

    /// <summary>HAProxy's health checks must pass as well; its statistics socket reports their result.</summary>
    private static Task WaitForHealthCheckAsync(LabHost host)
    {
        var written = "";
        return Payload.WaitUntilAsync(
            () => (written = ReadHAProxyStats(host)).Contains(",L7OK,200,", StringComparison.Ordinal),
            () => $"HAProxy never saw the node's health:\n{written}"
        );
    }

    private static string ReadHAProxyStats(LabHost host)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(host.PathOf("haproxy.sock")));
        using var stream = new NetworkStream(socket);
        stream.Write("show stat\n"u8);
        return new StreamReader(stream, Encoding.ASCII).ReadToEnd();
    }

    /// <summary>Completes the guide's fragment: where to listen, and folders that a user can write to.</summary>
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
