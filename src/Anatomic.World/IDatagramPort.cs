using Anatomic.Wire;

namespace Anatomic.World;

/// <summary>
/// A UDP port that several protocols can share. It receives in batches on one loop and sends in batches from there.
/// Disposing it closes the socket; the handler is not called any more.
/// </summary>
public interface IDatagramPort : IAsyncDisposable
{
    /// <summary>The bound address, with the actual port.</summary>
    Endpoint Local { get; }

    /// <summary>
    /// Queues a datagram, which is copied. It leaves with <see cref="Flush"/>, or earlier when the batch is full. It is
    /// lost when it cannot be sent: it is too long, the receiver has the other address family, or the port is closed.
    /// Called on the port's loop.
    /// </summary>
    void Send(in Endpoint to, ReadOnlySpan<byte> datagram);

    /// <summary>Sends what is queued. Called on the port's loop.</summary>
    void Flush();
}

/// <summary>Handles what a datagram port receives.</summary>
public interface IDatagramPortHandler
{
    /// <summary>Longest datagram that arrives whole; of a longer one, the rest is missing.</summary>
    const int MaxDatagramBytes = 4096;

    /// <summary>Handles one batch on the port's loop. It must not keep the spans.</summary>
    void Handle(in DatagramBatch received);
}
