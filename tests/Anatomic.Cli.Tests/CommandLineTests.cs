using Anatomic.Cli.Runtime;

namespace Anatomic.Cli.Tests;

public sealed class CommandLineTests : IDisposable
{
    private readonly CliRunner program = new();

    public void Dispose() => program.Dispose();

    [Fact]
    public async Task No_arguments_show_the_verbs_and_are_a_usage_error()
    {
        (await program.RunAsync()).ShouldBe(ExitStatus.UsageError);
        program.Error.Text.ShouldContain("supernode");
    }

    [Theory]
    [InlineData("demo")]
    [InlineData("create")]
    [InlineData("info")]
    [InlineData("plant")]
    [InlineData("unplant")]
    [InlineData("renew")]
    [InlineData("get")]
    [InlineData("seed")]
    [InlineData("verify")]
    [InlineData("node")]
    [InlineData("supernode")]
    [InlineData("network", "show")]
    [InlineData("network", "update")]
    [InlineData("network", "add")]
    [InlineData("key", "show")]
    [InlineData("key", "export")]
    [InlineData("key", "import")]
    public async Task Every_verb_has_help_with_an_example(params string[] verb)
    {
        (await program.RunAsync([.. verb, "--help"])).ShouldBe(ExitStatus.Success);
        program.Output.Text.ShouldContain("Example");
        program.Output.Text.ShouldContain($"  anatomic {string.Join(' ', verb)}");
    }

    [Theory]
    [InlineData("fly")]
    [InlineData("info")]
    [InlineData("get", "x", "--sideways")]
    [InlineData("get", "x", "--limit-down", "fast")]
    [InlineData("get", "x", "--seed-time", "soon")]
    [InlineData("get", "x", "--seed-ratio", "much")]
    [InlineData("get", "x", "--select", "0")]
    [InlineData("get", "x", "--select", "3-1")]
    [InlineData("get", "x", "--peer", "nobody")]
    [InlineData("get", "x", "--encryption", "maybe")]
    [InlineData("node", "--listen", "1.2.3:4")]
    [InlineData("node", "--net", "No Such Net")]
    [InlineData("node", "--net", "main", "--allow-private")]
    [InlineData("node", "--trust-proxy", "here")]
    [InlineData("node", "--public-url", "ftp://x/")]
    [InlineData("node", "--announce-token", "short")]
    [InlineData("node", "--rate-limit", "-1")]
    [InlineData("node", "--rate-limit", "fast")]
    [InlineData("node", "--max-swarms", "0")]
    [InlineData("node", "--max-peers", "99999999999")]
    [InlineData("node", "--max-memory", "much")]
    [InlineData("node", "--max-memory", "1K")]
    [InlineData("node", "--deny", "no-such-file")]
    [InlineData("node", "--supernode", "http://127.0.0.1:1/", "--listen", "127.0.0.1:0")]
    [InlineData("supernode", "--probation", "long")]
    [InlineData("create", "x", "--format", "v3")]
    [InlineData("create", "x", "--piece-length", "100K")]
    [InlineData("plant", "x.torrent", "--nodes", "13")]
    [InlineData("plant")]
    public async Task An_invalid_argument_is_status_2_and_one_line(params string[] arguments)
    {
        var (status, line) = await program.FailAsync(arguments);
        status.ShouldBe(ExitStatus.UsageError, line);
        line.ShouldStartWith("anatomic: ");
        line.ShouldNotContain("\n");
    }

    [Theory]
    [InlineData("get", "x", "--proxy", "socks5://127.0.0.1:1080")]
    [InlineData("get", "x", "--bind", "tun0")]
    [InlineData("seed", "x", "--data", "y", "--encryption", "require")]
    [InlineData("node", "--legacy")]
    [InlineData("node", "--store", "valkey")]
    [InlineData("supernode", "--legacy")]
    [InlineData("supernode", "--store", "postgres")]
    public async Task A_flag_that_is_not_implemented_is_rejected_and_not_ignored(params string[] arguments)
    {
        program.Write("x", [1]);
        program.Write("y", [1]);
        var (status, line) = await program.FailAsync(arguments);
        status.ShouldBe(ExitStatus.UsageError, line);
        line.ShouldContain("is not implemented yet");
        line.ShouldNotContain("\n");
    }

    [Fact]
    public async Task An_unknown_flag_points_to_the_help()
    {
        var (status, line) = await program.FailAsync("network", "show", "--sideways");
        status.ShouldBe(ExitStatus.UsageError);
        line.ShouldEndWith("Run 'anatomic network show --help' for usage.");
    }

    [Fact]
    public async Task A_file_that_is_not_a_torrent_is_named()
    {
        program.Write("letter.txt", "hello"u8.ToArray());
        (await program.FailAsync("info", "letter.txt")).ShouldBe(
            (ExitStatus.Failed, "anatomic: letter.txt is not a .torrent file")
        );
    }

    [Fact]
    public async Task A_missing_file_is_named()
    {
        var (status, line) = await program.FailAsync("info", "no.torrent");
        status.ShouldBe(ExitStatus.Failed);
        line.ShouldBe("anatomic: no.torrent does not exist: give a .torrent file, a magnet link or a web address");
    }

    [Fact]
    public async Task An_invalid_torrent_is_named_with_its_fault()
    {
        program.Write("broken.torrent", "d4:infod6:lengthi-1eee"u8.ToArray());
        var (status, line) = await program.FailAsync("info", "broken.torrent");
        status.ShouldBe(ExitStatus.Failed);
        line.ShouldContain("broken.torrent is not a valid torrent");
        line.ShouldNotContain("\n");
    }

    [Fact]
    public async Task An_invalid_magnet_link_is_reported_as_a_line_and_as_an_event()
    {
        var (status, line) = await program.FailAsync("get", "magnet:?xt=urn:btih:zz", "--json");
        status.ShouldBe(ExitStatus.Failed);
        line.ShouldContain("invalid magnet link");
        program.Output.Text.ShouldContain("""{"event":"error","code":"input","message":"invalid magnet link""");
    }

    [Fact]
    public async Task Planting_without_a_supernode_is_an_unreachable_network()
    {
        program.Write("data", new byte[1000]);
        (await program.RunAsync("create", "data")).ShouldBe(ExitStatus.Success);
        var (status, line) = await program.FailAsync("plant", "data.torrent");
        status.ShouldBe(ExitStatus.NetworkUnreachable);
        line.ShouldContain("--supernode URL#id");
    }

    [Fact]
    public async Task A_port_in_use_is_reported()
    {
        using var other = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        other.Start();
        var (status, line) = await program.FailAsync(
            "node",
            "--net",
            "local-test",
            "--listen",
            other.LocalEndpoint.ToString()!
        );
        status.ShouldBe(ExitStatus.Failed);
        line.ShouldContain("in use");
    }

    [Theory]
    [InlineData("node", "--net", "local-test", "--listen", "127.0.0.1:0", "--supernode", "http://127.0.0.1:1/")]
    [InlineData("supernode", "--net", "local-test", "--listen", "127.0.0.1:0")]
    public async Task A_server_stopped_during_startup_ends_with_success(params string[] arguments)
    {
        using var stopping = new CancellationTokenSource();
        await stopping.CancelAsync();

        (await program.RunAsync(stopping.Token, arguments)).ShouldBe(ExitStatus.Success, program.Error.Text);
    }
}
