using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Simulation.Tests.Networks;

/// <summary>Keeps what a datagram port receives.</summary>
internal sealed class DatagramCollector : IDatagramPortHandler
{
    public List<(byte[] Bytes, Endpoint From)> All { get; } = [];

    public int Batches { get; private set; }

    public IDatagramPort Open(IWorld world, Endpoint? at = null) =>
        world.Network.OpenDatagramPort(at ?? Endpoint.FromV4(0, 0), world.Loops.All[0], this);

    public void Handle(in DatagramBatch received)
    {
        Batches++;
        for (var i = 0; i < received.Count; i++)
        {
            All.Add((received.Payload(i).ToArray(), received.From(i)));
        }
    }
}
