using Anatomic.Interop.Tests.Lab;

namespace Anatomic.Interop.Tests.Clients;

/// <summary>A third-party BitTorrent client that finds peers only through trackers.</summary>
public abstract class ThirdPartyClient
{
    public static readonly IReadOnlyList<ThirdPartyClient> All =
    [
        new Transmission(),
        new QBittorrent(),
        new Aria2(),
        new RTorrent(),
    ];

    public abstract string Name { get; }

    /// <summary>The program that must be installed.</summary>
    public abstract string Program { get; }

    /// <summary>Starts it with one torrent; to seed, the folder must already contain the payload.</summary>
    public abstract RunningProgram Start(LabHost host, string torrent, string folder, bool seeds, bool overUdp = false);

    public static ThirdPartyClient Named(string name) => All.Single(client => client.Name == name);

    /// <summary>A new folder for the client's settings.</summary>
    protected static string Settings(LabHost host) =>
        Directory.CreateDirectory(host.PathOf("settings-" + Guid.NewGuid().ToString("n")[..8])).FullName;

    public override string ToString() => Name;
}
