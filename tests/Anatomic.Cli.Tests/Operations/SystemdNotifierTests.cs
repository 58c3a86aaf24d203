using System.Net.Sockets;
using System.Text;
using Anatomic.Cli.Operations;

namespace Anatomic.Cli.Tests.Operations;

/// <summary>sd_notify over a real datagram socket, where there are such: Linux.</summary>
public sealed class SystemdNotifierTests : IAsyncDisposable
{
    private readonly RunningNode node = new();
    private readonly Socket manager = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    public async ValueTask DisposeAsync()
    {
        manager.Dispose();
        await node.DisposeAsync();
    }

    [LinuxFact]
    public async Task A_server_says_when_it_is_ready_reloads_lives_and_stops()
    {
        var path = Path.Combine(node.Run.Folder, "notify");
        manager.Bind(new UnixDomainSocketEndPoint(path));
        node.Run.Set("NOTIFY_SOCKET", path);
        node.Run.Set("WATCHDOG_USEC", "100000");
        await node.StartAsync();

        (await HearAsync()).ShouldStartWith("READY=1\nSTATUS=node ");
        (await HearAsync()).ShouldBe("WATCHDOG=1");
        node.Run.Reload();
        (await HearOtherThanAsync("WATCHDOG=1")).ShouldMatch("^RELOADING=1\nMONOTONIC_USEC=[0-9]+$");
        (await HearOtherThanAsync("WATCHDOG=1")).ShouldStartWith("READY=1\n");
        await node.StopAsync();
        (await HearOtherThanAsync("WATCHDOG=1")).ShouldBe("STOPPING=1");
    }

    [LinuxFact]
    public async Task A_socket_in_the_abstract_namespace_is_found()
    {
        var name = $"anatomic-{Environment.ProcessId}-{Environment.TickCount64}";
        manager.Bind(new UnixDomainSocketEndPoint($"\0{name}"));

        using var words = new SystemdNotifier(variable => variable == "NOTIFY_SOCKET" ? $"@{name}" : null);
        words.Ready("well");

        (await HearAsync()).ShouldBe("READY=1\nSTATUS=well");
    }

    [Fact]
    public void Without_a_manager_nobody_is_told_and_nothing_fails()
    {
        using var none = new SystemdNotifier(_ => null);
        using var gone = new SystemdNotifier(variable => variable == "NOTIFY_SOCKET" ? "/nowhere/notify" : null);

        none.Ready("well");
        gone.Stopping();

        none.WatchdogEvery.ShouldBeNull();
    }

    [Theory]
    [InlineData("2000000", null, 1.0)]
    [InlineData("2000000", "1", null)]
    [InlineData("soon", null, null)]
    public void The_watchdog_is_fed_at_half_its_patience_when_it_is_ours(
        string patience,
        string? process,
        double? seconds
    )
    {
        using var words = new SystemdNotifier(variable =>
            variable switch
            {
                "WATCHDOG_USEC" => patience,
                "WATCHDOG_PID" => process,
                _ => null,
            }
        );

        words.WatchdogEvery.ShouldBe(seconds is { } half ? TimeSpan.FromSeconds(half) : null);
    }

    private async Task<string> HearAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var word = new byte[1024];
        return Encoding.UTF8.GetString(word, 0, await manager.ReceiveAsync(word, patience.Token));
    }

    private async Task<string> HearOtherThanAsync(string usual)
    {
        string heard;
        do
        {
            heard = await HearAsync();
        } while (heard == usual);
        return heard;
    }
}

/// <summary>A test of what systemd's system has alone.</summary>
public sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute()
    {
        if (!OperatingSystem.IsLinux())
        {
            Skip = "sd_notify is Linux's";
        }
    }
}
