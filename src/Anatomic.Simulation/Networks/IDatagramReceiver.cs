using Anatomic.Wire;

namespace Anatomic.Simulation.Networks;

/// <summary>A socket or server that receives the datagrams sent to its address.</summary>
internal interface IDatagramReceiver
{
    /// <summary>Returns null when it takes the datagram, otherwise why it drops it.</summary>
    string? Receive(byte[] datagram, Endpoint from);
}
