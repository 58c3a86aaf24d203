using Anatomic.Interop.Tests.Lab;

namespace Anatomic.Interop.Tests.Clients;

public sealed class Aria2 : ThirdPartyClient
{
    public override string Name => "aria2";
    public override string Program => "aria2c";

    public override RunningProgram Start(
        LabHost host,
        string torrent,
        string folder,
        bool seeds,
        bool overUdp = false
    ) =>
        host.Start(
            Name,
            [
                "aria2c",
                "--no-conf=true",
                // aria2 reaches UDP trackers only through its DHT socket; no other client here has a DHT.
                $"--enable-dht={(overUdp ? "true" : "false")}",
                $"--dht-file-path={Path.Combine(host.Folder, "dht.dat")}",
                "--enable-dht6=false",
                "--bt-enable-lpd=false",
                "--enable-peer-exchange=false",
                "--disable-ipv6=true",
                "--listen-port=6881",
                $"--dir={folder}",
                "--seed-ratio=0.0",
                "--file-allocation=none",
                "--console-log-level=info",
                "--show-console-readout=false",
                "--summary-interval=0",
                "--bt-require-crypto=false",
                "--bt-min-crypto-level=plain",
                .. seeds ? ["--check-integrity=true"] : Array.Empty<string>(),
                torrent,
            ]
        );
}
