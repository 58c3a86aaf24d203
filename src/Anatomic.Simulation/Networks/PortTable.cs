using System.Net;
using System.Net.Sockets;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Simulation.Networks;

/// <summary>What is bound on one life of a host, of one protocol: at most one thing per address and port.</summary>
internal sealed class PortTable(SimulatedHost host, string protocol)
{
    private const int FirstEphemeral = 49152; // RFC 6335
    private readonly List<(Endpoint At, object Bound)> bound = [];
    private int nextEphemeral = FirstEphemeral;

    /// <summary>Binds and returns the address with its port; a port in use is a <see cref="NetworkException"/>.</summary>
    public Endpoint Bind(Endpoint at, Func<Endpoint, object> make)
    {
        if (!IsAny(at) && !IsOwn(at))
        {
            throw new NetworkException($"{at} cannot be bound: this machine has no such address");
        }
        if (at.Port == 0)
        {
            at = at.WithPort(AllocateEphemeralPort());
        }
        if (bound.Any(other => other.At.Port == at.Port && (IsAny(other.At) || IsAny(at) || other.At == at)))
        {
            throw new NetworkException($"{protocol} port {at.Port} is in use: choose another one, or stop who has it");
        }
        bound.Add((at, make(at)));
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

    /// <summary>The address from which this host speaks to <paramref name="to"/>.</summary>
    public Endpoint SourceAddressFor(in Endpoint to, int port)
    {
        var target = to.ToAddress();
        if (IPAddress.IsLoopback(target))
        {
            return Endpoint.From(target, port);
        }
        var family = target.AddressFamily;
        var own =
            host.Addresses.FirstOrDefault(address => address.AddressFamily == family)
            ?? throw new NetworkException(
                $"{to} cannot be reached: this machine has no {(family == AddressFamily.InterNetwork ? "IPv4" : "IPv6")} address"
            );
        return Endpoint.From(own, port);
    }

    public static bool IsAny(in Endpoint at) => IsV4Any(at) || (at.High == 0 && at.Low == 0);

    private static bool IsV4Any(in Endpoint at) => at.IsV4 && at.V4 == 0;

    private bool IsOwn(in Endpoint at)
    {
        var address = at.ToAddress();
        return IPAddress.IsLoopback(address) || host.Addresses.Contains(address);
    }
}
