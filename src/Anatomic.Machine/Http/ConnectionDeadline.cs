using Anatomic.Machine.Configuration;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Anatomic.Machine.Http;

/// <summary>Aborts a connection that does nothing for too long; checked by the server's heartbeat, once a second.</summary>
internal sealed class ConnectionDeadline
{
    private readonly ConnectionContext connection;
    private long at;
    private bool headBegun;

    public ConnectionDeadline(ConnectionContext connection)
    {
        this.connection = connection;
        // From the start as for a head: who connects has something to say.
        at = Environment.TickCount64 + (long)MachineLimits.HeadTimeout.TotalMilliseconds;
        connection
            .Features.Get<IConnectionHeartbeatFeature>()
            ?.OnHeartbeat(static state => ((ConnectionDeadline)state).Check(), this);
    }

    /// <summary>A deadline from now; when it is not <paramref name="anew"/>, one that is running for the same thing stays.</summary>
    public void Set(TimeSpan after, bool anew)
    {
        if (!anew && headBegun)
        {
            return;
        }
        headBegun = !anew;
        Volatile.Write(ref at, Environment.TickCount64 + (long)after.TotalMilliseconds);
    }

    public void Lift() => Volatile.Write(ref at, long.MaxValue);

    private void Check()
    {
        if (Environment.TickCount64 > Volatile.Read(ref at))
        {
            connection.Abort(new ConnectionAbortedException("The client was too slow."));
        }
    }
}
