using System.Net;
using System.Net.Sockets;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Simulation.Networks;

/// <summary>
/// The sockets and servers of one protocol that a host process has bound: at most one per address and port.
/// </summary>
internal sealed class PortTable(INetworkHost host, string protocol)
{
    private const int FirstEphemeral = 49152; // RFC 6335
    private readonly List<(Endpoint At, object Bound)> bound = [];
    private int nextEphemeral = FirstEphemeral;

    /// <summary>Binds an address and returns it with its port; port 0 takes a free one.</summary>
    /// <exception cref="NetworkException">The port is in use, or the address is not this host's.</exception>
    public Endpoint Bind(Endpoint at, Func<Endpoint, object> create)
    {
        if (!IsAny(at) && !IsLocal(at))
        {
            throw new NetworkException($"{at} cannot be bound: this machine has no such address");
        }
        if (at.Port == 0)
        {
            at = at.WithPort(AllocateEphemeralPort());
        }
        if (bound.Any(other => other.At.Port == at.Port && (IsAny(other.At) || IsAny(at) || other.At == at)))
        {
            throw new NetworkException(
                $"{protocol} port {at.Port} is in use: choose another one, or stop the program that uses it"
            );
        }
        bound.Add((at, create(at)));
        return at;
    }

    public void Free(Endpoint at) => bound.RemoveAll(other => other.At == at);

    public object? Find(Endpoint to)
    {
        foreach (var (at, thing) in bound)
        {
            if (at.Port == to.Port && (at == to || (IsAny(at) && (!IsV4Any(at) || to.IsV4))))
            {
                return thing;
            }
        }
        return null;
    }

    public int AllocateEphemeralPort()
    {
        do
        {
            nextEphemeral = nextEphemeral >= ushort.MaxValue ? FirstEphemeral : nextEphemeral + 1;
        } while (bound.Any(other => other.At.Port == nextEphemeral));
        return nextEphemeral;
    }

    /// <summary>The local address from which this host sends to <paramref name="to"/>.</summary>
    public Endpoint SourceAddressFor(in Endpoint to, int port)
    {
        var target = to.ToAddress();
        if (IPAddress.IsLoopback(target))
        {
            return Endpoint.From(target, port);
        }
        var family = target.AddressFamily;
        var source =
            host.Addresses.FirstOrDefault(address => address.AddressFamily == family)
            ?? throw new NetworkException(
                $"{to} cannot be reached: this machine has no "
                    + (family == AddressFamily.InterNetwork ? "IPv4 address" : "IPv6 address")
            );
        return Endpoint.From(source, port);
    }

    public static bool IsAny(in Endpoint at) => IsV4Any(at) || (at.High == 0 && at.Low == 0);

    private static bool IsV4Any(in Endpoint at) => at.IsV4 && at.V4 == 0;

    private bool IsLocal(in Endpoint at)
    {
        var address = at.ToAddress();
        return IPAddress.IsLoopback(address) || host.Addresses.Contains(address);
    }
}
