using System.Net;
using System.Net.Sockets;
using Anatomic.Machine.Configuration;
using Anatomic.Machine.Http;
using Anatomic.Machine.Network;
using Anatomic.Machine.Network.Linux;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Machine;

internal sealed class MachineNetwork(MachineOptions options) : INetwork
{
    public async ValueTask<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken stop)
    {
        if (IPAddress.TryParse(host, out var written))
        {
            return [written];
        }
        try
        {
            var found = await Dns.GetHostAddressesAsync(host, stop).ConfigureAwait(false);
            return found.Length > 0 ? found : throw new SocketException((int)SocketError.NoData);
        }
        catch (SocketException cause)
        {
            throw NetworkErrors.Resolve(host, cause);
        }
        catch (ArgumentException cause)
        {
            throw new NetworkException($"{host} is not a valid host name", cause);
        }
    }

    public async ValueTask<IConnection> DialAsync(Endpoint to, CancellationToken stop)
    {
        if (to.Port == 0)
        {
            throw new NetworkException($"Cannot connect to {to}: the port is missing");
        }
        Socket? socket = null;
        try
        {
            socket = Sockets.Create(to, SocketType.Stream);
            await socket.ConnectAsync(to.ToIPEndPoint(), stop).ConfigureAwait(false);
            return new SocketConnection(socket, to);
        }
        catch (SocketException cause)
        {
            socket?.Dispose();
            throw NetworkErrors.Dial(to, cause);
        }
        catch
        {
            socket?.Dispose();
            throw;
        }
    }

    public IListener Listen(Endpoint at) => new SocketListener(at);

    public IDatagramPort OpenDatagramPort(Endpoint at, ILoop loop, IDatagramPortHandler handler) =>
        new DatagramPort(at, loop, handler, options.Unhandled);

    public IRunningServer ServeDatagrams(Endpoint at, IDatagramHandler handler) =>
        !options.Portable && LinuxCalls.AreAvailable
            ? new LinuxDatagramServer(at, options.Loops, handler, options.Unhandled)
            : new PortableDatagramServer(at, handler, options.Unhandled);

    public async ValueTask<IRunningServer> ServeHttpAsync(HttpServerOptions server, CancellationToken stop) =>
        await HttpServer.StartAsync(server, options, stop);
}
