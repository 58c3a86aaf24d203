using System.Text.Json;
using Anatomic.Interop.Tests.Lab;

namespace Anatomic.Interop.Tests.Clients;

public sealed class Transmission : ThirdPartyClient
{
    public override string Name => "transmission";
    public override string Program => "transmission-daemon";

    public override RunningProgram Start(LabHost host, string torrent, string folder, bool seeds, bool overUdp = false)
    {
        var settings = Settings(host);
        var watched = Directory.CreateDirectory(Path.Combine(settings, "watched")).FullName;
        File.Copy(torrent, Path.Combine(watched, "one.torrent"));
        File.WriteAllText(
            Path.Combine(settings, "settings.json"),
            JsonSerializer.Serialize(
                new Dictionary<string, object>
                {
                    ["download-dir"] = folder,
                    ["watch-dir"] = watched,
                    ["watch-dir-enabled"] = true,
                    ["dht-enabled"] = false,
                    ["pex-enabled"] = false,
                    ["lpd-enabled"] = false,
                    ["utp-enabled"] = false,
                    ["port-forwarding-enabled"] = false,
                    ["encryption"] = 0,
                    ["rpc-enabled"] = false,
                    ["peer-port"] = 51413,
                    ["scrape-paused-torrents-enabled"] = false,
                }
            )
        );
        return host.Start(Name, "transmission-daemon", "-f", "-g", settings, "--log-debug");
    }
}
