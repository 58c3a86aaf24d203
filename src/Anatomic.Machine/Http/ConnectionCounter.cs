using Microsoft.AspNetCore.Connections;

namespace Anatomic.Machine.Http;

/// <summary>Counts the connections that Kestrel has; thread-safe.</summary>
internal sealed class ConnectionCounter
{
    private int open;

    public int Open => Volatile.Read(ref open);

    public async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        Interlocked.Increment(ref open);
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref open);
        }
    }
}
