using Anatomic.Interop.Tests.Lab;

namespace Anatomic.Interop.Tests.Clients;

public sealed class RTorrent : ThirdPartyClient
{
    public override string Name => "rtorrent";
    public override string Program => "rtorrent";

    public override RunningProgram Start(LabHost host, string torrent, string folder, bool seeds, bool overUdp = false)
    {
        var settings = Settings(host);
        var session = Directory.CreateDirectory(Path.Combine(settings, "session")).FullName;
        var rc = Path.Combine(settings, "rc");
        File.WriteAllLines(
            rc,
            [
                "system.daemon.set = true",
                "network.port_range.set = 6881-6881",
                "network.port_random.set = no",
                $"network.bind_address.set = {host.Address}",
                $"session.path.set = {session}",
                $"directory.default.set = {folder}",
                // With 'disable', version 0.9.8 silently loads no torrent at all.
                "dht.mode.set = off",
                "protocol.pex.set = no",
                "trackers.use_udp.set = yes",
                "protocol.encryption.set = none",
                $"schedule2 = load, 1, 0, \"load.start={torrent}\"",
            ]
        );
        return host.Start(Name, "rtorrent", "-n", "-o", $"import={rc}");
    }
}
