using System.Text.Json;
using System.Text.RegularExpressions;
using Anatomic.Interop.Tests.Lab;

namespace Anatomic.Interop.Tests;

/// <summary>A torrent has one identity, whoever made it and whoever reads it.</summary>
public sealed partial class ThirdPartyTorrentTests : IDisposable
{
    private const string PrintHashes = """
        import sys, libtorrent as lt
        ih = lt.torrent_info(sys.argv[1]).info_hashes()
        print(str(ih.v1) if ih.has_v1() else '-', str(ih.v2) if ih.has_v2() else '-')
        """;

    private const string Create = """
        import sys, libtorrent as lt
        fs = lt.file_storage()
        lt.add_files(fs, sys.argv[1])
        flags = {'v1': lt.create_torrent.v1_only, 'v2': lt.create_torrent.v2_only, 'hybrid': 0}[sys.argv[3]]
        t = lt.create_torrent(fs, piece_size=65536, flags=flags)
        import os
        lt.set_piece_hashes(t, os.path.dirname(sys.argv[1]))
        open(sys.argv[2], 'wb').write(lt.bencode(t.generate()))
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("anatomic-made-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [ProgramFact("mktorrent", "transmission-show")]
    public async Task Mktorrents_info_hash_is_ours()
    {
        var torrent = PathOf("mk.torrent");
        await Programs.RunAsync(
            "mktorrent",
            "-l",
            "16",
            "-a",
            "http://tracker.example/announce",
            "-o",
            torrent,
            MakeTree()
        );

        (await OursAsync(torrent)).V1.ShouldBe(await TransmissionSaysAsync(torrent));
    }

    [ProgramFact("transmission-create", "transmission-show")]
    public async Task Transmission_creates_info_hash_is_ours()
    {
        var torrent = PathOf("tr.torrent");
        await Programs.RunAsync(
            "transmission-create",
            "-o",
            torrent,
            "-t",
            "http://tracker.example/announce",
            MakeTree()
        );

        (await OursAsync(torrent)).V1.ShouldBe(await TransmissionSaysAsync(torrent));
    }

    [ProgramFact("python3:libtorrent")]
    public Task Libtorrents_v1_info_hash_is_ours() => LibtorrentCreatesAsync("v1");

    [ProgramFact("python3:libtorrent")]
    public Task Libtorrents_v2_info_hash_is_ours() => LibtorrentCreatesAsync("v2");

    [ProgramFact("python3:libtorrent")]
    public Task Libtorrents_hybrid_info_hashes_are_ours() => LibtorrentCreatesAsync("hybrid");

    [ProgramFact("python3:libtorrent")]
    public Task Libtorrent_takes_our_v1() => LibtorrentReadsAsync("v1");

    [ProgramFact("python3:libtorrent")]
    public Task Libtorrent_takes_our_v2() => LibtorrentReadsAsync("v2");

    [ProgramFact("python3:libtorrent")]
    public Task Libtorrent_takes_our_hybrid() => LibtorrentReadsAsync("hybrid");

    /// <summary>Only v1: the packaged version 3 takes no hybrid torrent, whoever made it; version 4 does.</summary>
    [ProgramFact("transmission-show")]
    public async Task Transmission_takes_our_v1()
    {
        var torrent = PathOf("ours-v1.torrent");
        await Programs.AnatomicAsync("create", MakeTree(), "-o", torrent, "--format", "v1");

        (await TransmissionSaysAsync(torrent)).ShouldBe((await OursAsync(torrent)).V1);
    }

    private async Task LibtorrentCreatesAsync(string format)
    {
        var torrent = PathOf($"lt-{format}.torrent");
        await Programs.RunAsync("/usr/bin/python3", "-c", Create, MakeTree(), torrent, format);

        (await OursAsync(torrent)).ShouldBe(await LibtorrentSaysAsync(torrent));
    }

    private async Task LibtorrentReadsAsync(string format)
    {
        var torrent = PathOf($"ours-{format}.torrent");
        await Programs.AnatomicAsync("create", MakeTree(), "-o", torrent, "--format", format);

        (await LibtorrentSaysAsync(torrent)).ShouldBe(await OursAsync(torrent));
    }

    private static async Task<(string? V1, string? V2)> OursAsync(string torrent)
    {
        using var info = JsonDocument.Parse(await Programs.AnatomicAsync("info", torrent, "--json"));
        return (
            info.RootElement.GetProperty("infoHashV1").GetString(),
            info.RootElement.GetProperty("infoHashV2").GetString()
        );
    }

    private static async Task<(string? V1, string? V2)> LibtorrentSaysAsync(string torrent)
    {
        var said = (await Programs.RunAsync("/usr/bin/python3", "-c", PrintHashes, torrent)).Split();
        return (said[0] == "-" ? null : said[0], said[1] == "-" ? null : said[1]);
    }

    private static async Task<string> TransmissionSaysAsync(string torrent) =>
        TransmissionHash().Match(await Programs.RunAsync("transmission-show", torrent)).Groups["hash"].Value;

    /// <summary>A folder of files whose sizes meet the borders of pieces and blocks, and one that is empty.</summary>
    private string MakeTree()
    {
        var tree = PathOf("tree");
        Payload.Write(Path.Combine(tree, "a", "first.bin"), 200_001, seed: 1);
        Payload.Write(Path.Combine(tree, "a", "second.bin"), 65_536, seed: 2);
        Payload.Write(Path.Combine(tree, "third.bin"), 16_385, seed: 3);
        Payload.Write(Path.Combine(tree, "nothing.txt"), 0, seed: 4);
        return tree;
    }

    private string PathOf(string name) => Path.Combine(folder, name);

    [GeneratedRegex("Hash: (?<hash>[0-9a-f]{40})")]
    private static partial Regex TransmissionHash();
}
