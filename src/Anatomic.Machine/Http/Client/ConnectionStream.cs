using Anatomic.Machine.Http.Streams;
using Anatomic.World;

namespace Anatomic.Machine.Http.Client;

/// <summary>A connection as the stream that the HTTP client and TLS want.</summary>
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
            // A socket's disposal never waits.
            _ = connection.DisposeAsync().AsTask();
        }
        base.Dispose(disposing);
    }
}
