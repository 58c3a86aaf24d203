using System.Diagnostics;
using System.Net;

namespace Anatomic.Comparison.Servers;

/// <summary>Servers that only respond: they show the limits of the machine.</summary>
internal static class BaselineServers
{
    public const string Echo = "echo";
    public const string Nginx = "nginx";

    /// <summary>This program itself as a UDP server whose replies are as long as those of a tracker.</summary>
    public static Server StartEcho()
    {
        var (port, portV6) = (Server.FreePort(), Server.FreePort());
        string[] arguments = [typeof(BaselineServers).Assembly.Location, EchoServer.Verb, $"{port}", $"{portV6}"];
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        var server = new Server(Echo, start, Server.CreateFolder())
        {
            Udp = new IPEndPoint(IPAddress.Loopback, port),
            UdpV6 = new IPEndPoint(IPAddress.IPv6Loopback, portV6),
        };
        server.ReadLine(EchoServer.Ready);
        return server;
    }

    /// <summary>nginx with a constant response as long as that to an announce; null if it is not installed.</summary>
    public static Server? StartNginx()
    {
        if (ProgramPaths.Find(Nginx) is not { } program)
        {
            return null;
        }
        var folder = Server.CreateFolder();
        var port = Server.FreePort();
        var reply =
            $"d8:completei50e10:incompletei50e8:intervali1800e12:min intervali300e5:peers300:{new string('x', 300)}e";
        var file = Path.Combine(folder, "nginx.conf");
        File.WriteAllText(
            file,
            $$"""
            daemon off;
            master_process off;
            pid {{folder}}/pid;
            error_log {{folder}}/error.log;
            events { worker_connections 4096; }
            http {
              access_log off;
              client_body_temp_path {{folder}}/body;
              proxy_temp_path {{folder}}/proxy;
              fastcgi_temp_path {{folder}}/fastcgi;
              uwsgi_temp_path {{folder}}/uwsgi;
              scgi_temp_path {{folder}}/scgi;
              server {
                listen 127.0.0.1:{{port}};
                keepalive_requests 1000000000;
                location / {
                  default_type text/plain;
                  return 200 "{{reply}}";
                }
              }
            }
            """
        );
        var start = new ProcessStartInfo(program, ["-p", folder, "-c", file])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var server = new Server(Nginx, start, folder)
        {
            Version = ProgramVersions.OfPackage(Nginx),
            Http = new IPEndPoint(IPAddress.Loopback, port),
        };
        server.AwaitHttp();
        return server;
    }
}
