using System.Net;
using System.Net.Sockets;
using System.Text;
using Anatomic.Machine.Configuration;
using Anatomic.Machine.Tls;
using Anatomic.Wire;

namespace Anatomic.Machine.Tests;

/// <summary>A machine world with a temporary folder.</summary>
internal sealed class TestMachine : IAsyncDisposable
{
    public TestMachine(
        string? folder = null,
        bool portable = false,
        int loops = 2,
        ProxyProtocolSources? proxies = null,
        ServerCertificate? certificate = null
    )
    {
        Folder = folder ?? Directory.CreateTempSubdirectory("anatomic-test-").FullName;
        World = new MachineWorld(
            new MachineOptions
            {
                StateFolder = Folder,
                Loops = loops,
                Workers = 2,
                Portable = portable,
                ProxyProtocol = proxies ?? ProxyProtocolSources.None,
                Certificate = certificate,
                Unhandled = fault =>
                {
                    lock (Faults)
                    {
                        Faults.Add(fault);
                    }
                    FirstFault.TrySetResult(fault);
                },
            }
        );
    }

    public string Folder { get; }

    public bool KeepFolder { get; init; }

    public MachineWorld World { get; }

    public List<Exception> Faults { get; } = [];

    public TaskCompletionSource<Exception> FirstFault { get; } =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A test that takes longer hangs; it then fails by itself instead of blocking the whole run.</summary>
    public CancellationToken Stop { get; } = new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    public static Endpoint AnyV4 => Endpoint.From(IPAddress.Loopback, 0);

    public static Endpoint AnyV6 => Endpoint.From(IPAddress.IPv6Loopback, 0);

    public string At(string name) => Path.Combine(Folder, name);

    public async ValueTask DisposeAsync()
    {
        await World.DisposeAsync();
        if (!KeepFolder)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    /// <summary>A plain TCP client.</summary>
    public static async Task<TcpClient> ConnectAsync(Endpoint to)
    {
        var client = new TcpClient(to.IsV4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6);
        await client.ConnectAsync(to.ToIPEndPoint());
        return client;
    }

    /// <summary>Sends text and reads until the server closes the connection.</summary>
    public static async Task<string> SendAndReadAsync(Endpoint to, CancellationToken stop, params string[] pieces)
    {
        using var client = await ConnectAsync(to);
        var stream = client.GetStream();
        foreach (var piece in pieces)
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(piece), stop);
        }
        return await ReadToEndAsync(stream, stop);
    }

    /// <summary>As <see cref="SendAndReadAsync"/>, but the client shuts down its sending side first.</summary>
    public static async Task<string> SendAndShutDownAsync(Endpoint to, string all, CancellationToken stop)
    {
        using var client = await ConnectAsync(to);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(all), stop);
        client.Client.Shutdown(SocketShutdown.Send);
        return await ReadToEndAsync(stream, stop);
    }

    public static async Task<string> ReadToEndAsync(Stream stream, CancellationToken stop)
    {
        using var all = new MemoryStream();
        await stream.CopyToAsync(all, stop);
        return Encoding.Latin1.GetString(all.ToArray());
    }

    public static async Task<string> ReadAsync(Stream stream, int bytes, CancellationToken stop)
    {
        var into = new byte[bytes];
        await stream.ReadExactlyAsync(into, stop);
        return Encoding.Latin1.GetString(into);
    }
}
