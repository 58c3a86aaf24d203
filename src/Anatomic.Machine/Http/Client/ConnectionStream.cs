using Anatomic.Machine.Http.Streams;
using Anatomic.World;

namespace Anatomic.Machine.Http.Client;

/// <summary>Adapts a connection to the stream that the HTTP client and TLS need.</summary>
internal sealed class ConnectionStream(IConnection connection) : ForwardOnlyStream
{
    public override bool CanWrite => true;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        buffer.IsEmpty ? ValueTask.FromResult(0) : connection.ReceiveAsync(buffer, cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        connection.SendAsync(buffer, cancellationToken);

    public override async ValueTask DisposeAsync()
    {
        await connection.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            // Disposing a socket never blocks.
            _ = connection.DisposeAsync().AsTask();
        }
        base.Dispose(disposing);
    }
}
