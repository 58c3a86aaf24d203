using Anatomic.Interop.Tests.Lab;

namespace Anatomic.Interop.Tests.Clients;

public sealed class QBittorrent : ThirdPartyClient
{
    public override string Name => "qbittorrent";
    public override string Program => "qbittorrent-nox";

    public override RunningProgram Start(LabHost host, string torrent, string folder, bool seeds, bool overUdp = false)
    {
        var profile = Settings(host);
        var config = Directory.CreateDirectory(Path.Combine(profile, "qBittorrent", "config")).FullName;
        File.WriteAllLines(
            Path.Combine(config, "qBittorrent.conf"),
            [
                "[LegalNotice]",
                "Accepted=true",
                "[Network]",
                "PortForwardingEnabled=false",
                "[BitTorrent]",
                "Session\\Port=6881",
                "Session\\DHTEnabled=false",
                "Session\\LSDEnabled=false",
                "Session\\PeXEnabled=false",
                "Session\\BTProtocol=TCP",
                "Session\\QueueingSystemEnabled=false",
                // Some versions reject trackers on private addresses by default.
                "Session\\SSRFMitigation=false",
                "Session\\Encryption=2",
                "Session\\AddTorrentPaused=false",
                $"Session\\DefaultSavePath={folder}",
                "[Preferences]",
                "Connection\\ResolvePeerCountries=false",
                "Connection\\UPnP=false",
                "WebUI\\Enabled=false",
            ]
        );
        return host.Start(
            Name,
            "qbittorrent-nox",
            $"--profile={profile}",
            $"--save-path={folder}",
            "--add-paused=false",
            "--skip-dialog=true",
            torrent
        );
    }
}
