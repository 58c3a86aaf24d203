using Anatomic.Interop.Tests.Lab;

namespace Anatomic.Interop.Tests.Clients;

/// <summary>A BitTorrent client that others wrote, without any way to find peers but its trackers.</summary>
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

    /// <summary>Starts it with one torrent; the folder holds the payload already when it is to seed.</summary>
    public abstract RunningProgram Start(LabHost host, string torrent, string folder, bool seeds, bool overUdp = false);

    public static ThirdPartyClient Named(string name) => All.Single(client => client.Name == name);

    /// <summary>A folder for the client's own settings, fresh for every start.</summary>
    protected static string Settings(LabHost host) =>
        Directory.CreateDirectory(host.PathOf("settings-" + Guid.NewGuid().ToString("n")[..8])).FullName;

    public override string ToString() => Name;
}
