using System.Text.Json;
using System.Text.RegularExpressions;
using Anatomic.Interop.Tests.Lab;

namespace Anatomic.Interop.Tests;

/// <summary>Our info-hashes match those of other programs, whoever created the torrent.</summary>
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
    public async Task We_compute_the_info_hash_of_mktorrent()
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

        (await ReadOurHashesAsync(torrent)).V1.ShouldBe(await ReadTransmissionHashAsync(torrent));
    }

    [ProgramFact("transmission-create", "transmission-show")]
    public async Task We_compute_the_info_hash_of_transmission_create()
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

        (await ReadOurHashesAsync(torrent)).V1.ShouldBe(await ReadTransmissionHashAsync(torrent));
    }

    [ProgramFact("python3:libtorrent")]
    public Task We_compute_the_v1_info_hash_of_libtorrent() => LibtorrentCreatesAsync("v1");

    [ProgramFact("python3:libtorrent")]
    public Task We_compute_the_v2_info_hash_of_libtorrent() => LibtorrentCreatesAsync("v2");

    [ProgramFact("python3:libtorrent")]
    public Task We_compute_the_hybrid_info_hashes_of_libtorrent() => LibtorrentCreatesAsync("hybrid");

    [ProgramFact("python3:libtorrent")]
    public Task Libtorrent_accepts_our_v1_torrent() => LibtorrentReadsAsync("v1");

    [ProgramFact("python3:libtorrent")]
    public Task Libtorrent_accepts_our_v2_torrent() => LibtorrentReadsAsync("v2");

    [ProgramFact("python3:libtorrent")]
    public Task Libtorrent_accepts_our_hybrid_torrent() => LibtorrentReadsAsync("hybrid");

    /// <summary>Only v1, because the packaged version 3 rejects any hybrid torrent; version 4 accepts them.</summary>
    [ProgramFact("transmission-show")]
    public async Task Transmission_accepts_our_v1_torrent()
    {
        var torrent = PathOf("ours-v1.torrent");
        await Programs.AnatomicAsync("create", MakeTree(), "-o", torrent, "--format", "v1");

        (await ReadTransmissionHashAsync(torrent)).ShouldBe((await ReadOurHashesAsync(torrent)).V1);
    }

    private async Task LibtorrentCreatesAsync(string format)
    {
        var torrent = PathOf($"lt-{format}.torrent");
        await Programs.RunAsync("/usr/bin/python3", "-c", Create, MakeTree(), torrent, format);

        (await ReadOurHashesAsync(torrent)).ShouldBe(await ReadLibtorrentHashesAsync(torrent));
    }

    private async Task LibtorrentReadsAsync(string format)
    {
        var torrent = PathOf($"ours-{format}.torrent");
        await Programs.AnatomicAsync("create", MakeTree(), "-o", torrent, "--format", format);

        (await ReadLibtorrentHashesAsync(torrent)).ShouldBe(await ReadOurHashesAsync(torrent));
    }

    private static async Task<(string? V1, string? V2)> ReadOurHashesAsync(string torrent)
    {
        using var info = JsonDocument.Parse(await Programs.AnatomicAsync("info", torrent, "--json"));
        return (
            info.RootElement.GetProperty("infoHashV1").GetString(),
            info.RootElement.GetProperty("infoHashV2").GetString()
        );
    }

    private static async Task<(string? V1, string? V2)> ReadLibtorrentHashesAsync(string torrent)
    {
        var written = (await Programs.RunAsync("/usr/bin/python3", "-c", PrintHashes, torrent)).Split();
        return (written[0] == "-" ? null : written[0], written[1] == "-" ? null : written[1]);
    }

    private static async Task<string> ReadTransmissionHashAsync(string torrent) =>
        TransmissionHash().Match(await Programs.RunAsync("transmission-show", torrent)).Groups["hash"].Value;

    /// <summary>
    /// A folder of files whose sizes fall on and near the borders of pieces and blocks, and an empty file.
    /// </summary>
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
