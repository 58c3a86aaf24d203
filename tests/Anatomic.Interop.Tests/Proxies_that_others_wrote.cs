using Anatomic.Interop.Tests.Lab;

namespace Anatomic.Interop.Tests;

/// <summary>Nodes behind nginx and HAProxy, which tell whom they speak for in every way that they have.</summary>
public sealed class Proxies_that_others_wrote
{
    private const int ProxyPort = 8080;

    private static readonly string Announce =
        $"/announce?info_hash={string.Concat(Enumerable.Repeat("%01", 20))}"
        + $"&peer_id={string.Concat(Enumerable.Repeat("%02", 20))}&port=51413&left=1&compact=1";

    [InteropFact("nginx")]
    public Task Nginx_names_the_client_in_a_header() =>
        TellsTheClientAsync(NginxTo("http://127.0.0.1:6969"), "--trust-proxy", "127.0.0.1");

    [InteropFact("nginx")]
    public Task Nginx_names_the_client_over_a_unix_socket() =>
        TellsTheClientAsync(host => NginxTo($"http://unix:{host.PathOf("node.sock")}:")(host));

    [InteropFact("haproxy")]
    public Task HAProxy_names_the_client_in_a_header() =>
        TellsTheClientAsync(HAProxyTo(_ => "127.0.0.1:6969", "option forwardfor"), "--trust-proxy", "127.0.0.1");

    [InteropFact("haproxy")]
    public Task HAProxy_names_the_client_by_the_proxy_protocol() =>
        TellsTheClientAsync(HAProxyTo(_ => "127.0.0.1:6969 send-proxy"), "--proxy-protocol", "127.0.0.1");

    [InteropFact("haproxy")]
    public Task HAProxy_names_the_client_by_the_proxy_protocol_of_version_2() =>
        TellsTheClientAsync(HAProxyTo(_ => "127.0.0.1:6969 send-proxy-v2"), "--proxy-protocol", "127.0.0.0/8");

    [InteropFact("haproxy")]
    public Task HAProxy_names_the_client_by_the_proxy_protocol_over_a_unix_socket() =>
        TellsTheClientAsync(
            HAProxyTo(host => $"unix@{host.PathOf("node.sock")} send-proxy-v2"),
            "--proxy-protocol",
            "unix"
        );

    private static async Task TellsTheClientAsync(
        Func<LabHost, IEnumerable<string>> proxy,
        params IEnumerable<string> flags
    )
    {
        await using var lab = new NetworkLab();
        var server = lab.AddHost("server");
        var client = lab.AddHost("client");
        var node = server.Anatomic([
            "node",
            "--listen",
            "127.0.0.1:6969",
            "--unix",
            server.PathOf("node.sock"),
            "--data",
            server.PathOf("state"),
            "--open",
            "--net",
            "local-proxied",
            .. flags,
        ]);
        await node.LineAsync("listening unix:", TimeSpan.FromSeconds(60));
        var running = server.Start("proxy", proxy(server));
        var reply = "";
        await Payload.UntilAsync(
            () =>
                (reply = InsideHost.Get(client, server.Address, ProxyPort, Announce)).StartsWith(
                    "HTTP/1.1 200",
                    StringComparison.Ordinal
                ),
            () => $"the proxy never answered: {reply}\n{running.Said}\n{node.Said}"
        );
        var address = client.Address.Split('.').Select(part => (char)byte.Parse(part)).ToArray();
        reply.ShouldContain("11:external ip4:" + new string(address));
        // The page goes the same way, through the ordinary pipeline.
        InsideHost.Get(client, server.Address, ProxyPort, "/healthz").ShouldEndWith("ok\n");
    }

    private static Func<LabHost, IEnumerable<string>> NginxTo(string upstream) =>
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
                        location / {
                            proxy_pass {{upstream}};
                            proxy_http_version 1.1;
                            proxy_set_header Connection "";
                            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                        }
                    }
                }
                """
            );
            return ["nginx", "-e", "stderr", "-c", configuration];
        };

    private static Func<LabHost, IEnumerable<string>> HAProxyTo(Func<LabHost, string> server, string option = "") =>
        host =>
        {
            var configuration = host.PathOf("haproxy.cfg");
            File.WriteAllText(
                configuration,
                $"""
                defaults
                    mode http
                    timeout connect 5s
                    timeout client 30s
                    timeout server 30s
                    {option}
                frontend clients
                    bind {host.Address}:{ProxyPort}
                    default_backend node
                backend node
                    server node {server(host)}

                """
            );
            return ["haproxy", "-db", "-f", configuration];
        };
}
