using System.Net.Sockets;
using System.Text;
using Anatomic.Cli.Operations;
using Anatomic.Testing;

namespace Anatomic.Cli.Tests.Operations;

/// <summary>sd_notify(3) over a real datagram socket, on Linux.</summary>
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
    public async Task A_server_notifies_ready_watchdog_reload_and_stop()
    {
        var path = Path.Combine(node.Run.Folder, "notify");
        manager.Bind(new UnixDomainSocketEndPoint(path));
        node.Run.Set("NOTIFY_SOCKET", path);
        node.Run.Set("WATCHDOG_USEC", "100000");
        await node.StartAsync();

        (await ReceiveAsync()).ShouldStartWith("READY=1\nSTATUS=node ");
        (await ReceiveAsync()).ShouldBe("WATCHDOG=1");
        node.Run.Reload();
        (await ReceiveOtherThanAsync("WATCHDOG=1")).ShouldMatch("^RELOADING=1\nMONOTONIC_USEC=[0-9]+$");
        (await ReceiveOtherThanAsync("WATCHDOG=1")).ShouldStartWith("READY=1\n");
        await node.StopAsync();
        (await ReceiveOtherThanAsync("WATCHDOG=1")).ShouldBe("STOPPING=1");
    }

    [LinuxFact]
    public async Task A_socket_in_the_abstract_namespace_works()
    {
        var name = $"anatomic-{Environment.ProcessId}-{Environment.TickCount64}";
        manager.Bind(new UnixDomainSocketEndPoint($"\0{name}"));

        using var notifier = new SystemdNotifier(variable => variable == "NOTIFY_SOCKET" ? $"@{name}" : null);
        notifier.Ready("well");

        (await ReceiveAsync()).ShouldBe("READY=1\nSTATUS=well");
    }

    [Fact]
    public void Without_systemd_nothing_is_sent_and_nothing_fails()
    {
        using var none = new SystemdNotifier(_ => null);
        using var absent = new SystemdNotifier(variable => variable == "NOTIFY_SOCKET" ? "/nowhere/notify" : null);

        none.Ready("well");
        absent.Stopping();

        none.WatchdogPeriod.ShouldBeNull();
    }

    [Theory]
    [InlineData("2000000", null, 1.0)]
    [InlineData("2000000", "1", null)]
    [InlineData("soon", null, null)]
    public void The_watchdog_is_notified_at_half_its_timeout_if_it_is_ours(
        string timeout,
        string? process,
        double? seconds
    )
    {
        using var notifier = new SystemdNotifier(variable =>
            variable switch
            {
                "WATCHDOG_USEC" => timeout,
                "WATCHDOG_PID" => process,
                _ => null,
            }
        );

        notifier.WatchdogPeriod.ShouldBe(seconds is { } value ? TimeSpan.FromSeconds(value) : null);
    }

    private async Task<string> ReceiveAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var buffer = new byte[1024];
        return Encoding.UTF8.GetString(buffer, 0, await manager.ReceiveAsync(buffer, deadline.Token));
    }

    private async Task<string> ReceiveOtherThanAsync(string ignored)
    {
        string received;
        do
        {
            received = await ReceiveAsync();
        } while (received == ignored);
        return received;
    }
}
