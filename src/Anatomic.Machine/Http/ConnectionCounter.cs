using Microsoft.AspNetCore.Connections;

namespace Anatomic.Machine.Http;

/// <summary>How many connections are open; counted from any thread.</summary>
internal sealed class ConnectionCounter
{
    private int open;

    public int Open => Volatile.Read(ref open);

    public async Task DuringAsync(ConnectionContext connection, ConnectionDelegate next)
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
