using System.Text.Json;
using Anatomic.Cli.Runtime;

namespace Anatomic.Cli.Tests.Transfers;

public sealed class TransferTests : IDisposable
{
    private readonly CliRunner seeder = new();
    private readonly CliRunner downloader = new();

    public void Dispose()
    {
        seeder.Dispose();
        downloader.Dispose();
    }

    [Fact]
    public async Task A_file_is_seeded_and_downloaded_and_every_event_is_written()
    {
        byte[] bytes = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 13))];
        seeder.Write("film.bin", bytes);
        await seeder.RunAsync("create", "film.bin", "-o", "a.torrent");
        using var stopping = new CancellationTokenSource();
        var seeding = seeder.RunAsync(
            stopping.Token,
            "seed",
            "a.torrent",
            "--data",
            ".",
            "--listen",
            "127.0.0.1:0",
            "--json"
        );
        var started = JsonDocument.Parse(await seeder.Output.WaitForLineAsync("\"started\"")).RootElement;
        await seeder.Output.WaitForLineAsync("\"seeding\"");

        var torrent = Path.Combine(seeder.Folder, "a.torrent");
        var peer = started.GetProperty("listen").GetString()!;
        string[] get = ["get", torrent, "-o", "in", "--listen", "127.0.0.1:0", "--peer", peer, "--no-dht", "--json"];
        (await downloader.RunAsync(get)).ShouldBe(ExitStatus.Success, downloader.Error.Text);

        File.ReadAllBytes(Path.Combine(downloader.Folder, "in", "film.bin")).ShouldBe(bytes);
        var events = downloader
            .Output.Lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("event").GetString())
            .ToList();
        events[0].ShouldBe("started");
        events.ShouldContain("complete");
        events[^1].ShouldBe("stopped");
        await stopping.CancelAsync();
        (await seeding).ShouldBe(ExitStatus.Success);
        seeder.Output.Lines[^1].ShouldBe("""{"event":"stopped"}""");
    }

    [Fact]
    public async Task One_user_seeds_and_downloads_a_torrent_at_once_but_not_in_the_same_folder()
    {
        byte[] bytes = [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 11))];
        seeder.Write("film.bin", bytes);
        await seeder.RunAsync("create", "film.bin", "-o", "a.torrent");
        using var stopping = new CancellationTokenSource();
        string[] seed = ["seed", "a.torrent", "--data", "film.bin", "--listen", "127.0.0.1:0", "--json"];
        var state = Path.Combine(seeder.Folder, "state");
        var seeding = seeder.RunAsync(stopping.Token, [.. seed, "--state", state]);
        var started = JsonDocument.Parse(await seeder.Output.WaitForLineAsync("\"started\"")).RootElement;
        await seeder.Output.WaitForLineAsync("\"seeding\"");
        var peer = started.GetProperty("listen").GetString()!;
        var torrent = Path.Combine(seeder.Folder, "a.torrent");
        var data = Path.Combine(seeder.Folder, "film.bin");

        string[] get = ["get", torrent, "-o", "in", "--listen", "127.0.0.1:0", "--peer", peer, "--state", state];
        (await downloader.RunAsync(get)).ShouldBe(ExitStatus.Success, downloader.Error.Text);
        var (status, line) = await downloader.FailAsync("seed", torrent, "--data", data, "--state", state);

        File.ReadAllBytes(Path.Combine(downloader.Folder, "in", "film.bin")).ShouldBe(bytes);
        status.ShouldBe(ExitStatus.Failed);
        line.ShouldContain("already transfers this torrent");
        await stopping.CancelAsync();
        await seeding;
    }

    [Fact]
    public async Task An_interrupted_get_is_130_and_a_seed_without_valid_data_fails()
    {
        var film = seeder.Write("film.bin", [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 5))]);
        await seeder.RunAsync("create", "film.bin", "-o", "a.torrent");
        var torrent = Path.Combine(seeder.Folder, "a.torrent");
        using var stopping = new CancellationTokenSource();
        var getting = downloader.RunAsync(stopping.Token, "get", torrent, "--listen", "127.0.0.1:0");
        await downloader.Output.WaitForLineAsync("started: film.bin");
        await stopping.CancelAsync();
        (await getting).ShouldBe(ExitStatus.Interrupted);
        downloader.Output.Lines[^1].ShouldBe("stopped");

        File.WriteAllBytes(film, new byte[100_000]);
        var (status, line) = await seeder.FailAsync("seed", "a.torrent", "--data", ".", "--listen", "127.0.0.1:0");
        status.ShouldBe(ExitStatus.Failed);
        line.ShouldNotContain("\n");
    }
}
