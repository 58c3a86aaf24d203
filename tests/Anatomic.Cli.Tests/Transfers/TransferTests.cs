using System.Text.Json;
using Anatomic.Cli.Runtime;

namespace Anatomic.Cli.Tests.Transfers;

public sealed class TransferTests : IDisposable
{
    private readonly CliRunner seeder = new();
    private readonly CliRunner getter = new();

    public void Dispose()
    {
        seeder.Dispose();
        getter.Dispose();
    }

    [Fact]
    public async Task A_file_travels_from_seed_to_get_and_every_moment_is_told()
    {
        byte[] bytes = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 13))];
        seeder.Write("film.bin", bytes);
        await seeder.RunAsync("create", "film.bin", "-o", "a.torrent");
        using var end = new CancellationTokenSource();
        var seeding = seeder.RunAsync(
            end.Token,
            "seed",
            "a.torrent",
            "--data",
            ".",
            "--listen",
            "127.0.0.1:0",
            "--json"
        );
        var started = JsonDocument.Parse(await seeder.Output.LineWithAsync("\"started\"")).RootElement;
        await seeder.Output.LineWithAsync("\"seeding\"");

        var torrent = Path.Combine(seeder.Folder, "a.torrent");
        var peer = started.GetProperty("listen").GetString()!;
        string[] get = ["get", torrent, "-o", "in", "--listen", "127.0.0.1:0", "--peer", peer, "--no-dht", "--json"];
        (await getter.RunAsync(get)).ShouldBe(ExitStatus.Success, getter.Error.Text);

        File.ReadAllBytes(Path.Combine(getter.Folder, "in", "film.bin")).ShouldBe(bytes);
        var events = getter
            .Output.Lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("event").GetString())
            .ToList();
        events[0].ShouldBe("started");
        events.ShouldContain("complete");
        events[^1].ShouldBe("stopped");
        await end.CancelAsync();
        (await seeding).ShouldBe(ExitStatus.Success);
        seeder.Output.Lines[^1].ShouldBe("""{"event":"stopped"}""");
    }

    [Fact]
    public async Task A_person_seeds_and_gets_the_same_torrent_side_by_side_but_not_in_the_same_place()
    {
        byte[] bytes = [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 11))];
        seeder.Write("film.bin", bytes);
        await seeder.RunAsync("create", "film.bin", "-o", "a.torrent");
        using var end = new CancellationTokenSource();
        string[] seed = ["seed", "a.torrent", "--data", "film.bin", "--listen", "127.0.0.1:0", "--json"];
        var state = Path.Combine(seeder.Folder, "state");
        var seeding = seeder.RunAsync(end.Token, [.. seed, "--state", state]);
        var started = JsonDocument.Parse(await seeder.Output.LineWithAsync("\"started\"")).RootElement;
        await seeder.Output.LineWithAsync("\"seeding\"");
        var peer = started.GetProperty("listen").GetString()!;
        var torrent = Path.Combine(seeder.Folder, "a.torrent");
        var data = Path.Combine(seeder.Folder, "film.bin");

        string[] get = ["get", torrent, "-o", "in", "--listen", "127.0.0.1:0", "--peer", peer, "--state", state];
        (await getter.RunAsync(get)).ShouldBe(ExitStatus.Success, getter.Error.Text);
        var (status, line) = await getter.FailAsync("seed", torrent, "--data", data, "--state", state);

        File.ReadAllBytes(Path.Combine(getter.Folder, "in", "film.bin")).ShouldBe(bytes);
        status.ShouldBe(ExitStatus.Failed);
        line.ShouldContain("already at work on this torrent");
        await end.CancelAsync();
        await seeding;
    }

    [Fact]
    public async Task An_interrupted_get_is_130_and_a_seed_of_nothing_fails()
    {
        var film = seeder.Write("film.bin", [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 5))]);
        await seeder.RunAsync("create", "film.bin", "-o", "a.torrent");
        var torrent = Path.Combine(seeder.Folder, "a.torrent");
        using var end = new CancellationTokenSource();
        var getting = getter.RunAsync(end.Token, "get", torrent, "--listen", "127.0.0.1:0");
        await getter.Output.LineWithAsync("started: film.bin");
        await end.CancelAsync();
        (await getting).ShouldBe(ExitStatus.Interrupted);
        getter.Output.Lines[^1].ShouldBe("stopped");

        File.WriteAllBytes(film, new byte[100_000]);
        var (status, line) = await seeder.FailAsync("seed", "a.torrent", "--data", ".", "--listen", "127.0.0.1:0");
        status.ShouldBe(ExitStatus.Failed);
        line.ShouldNotContain("\n");
    }
}
