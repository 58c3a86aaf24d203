using Anatomic.Machine.Configuration;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Anatomic.Machine.Http;

/// <summary>Aborts a connection whose deadline has passed; Kestrel's heartbeat checks it once a second.</summary>
internal sealed class ConnectionDeadline
{
    private readonly ConnectionContext connection;
    private long at;
    private bool hasHeadBegun;

    public ConnectionDeadline(ConnectionContext connection)
    {
        this.connection = connection;
        // A new connection has as long as a head.
        at = Environment.TickCount64 + (long)MachineLimits.HeadTimeout.TotalMilliseconds;
        connection
            .Features.Get<IConnectionHeartbeatFeature>()
            ?.OnHeartbeat(static state => ((ConnectionDeadline)state).Check(), this);
    }

    /// <summary>Sets a deadline from now.</summary>
    /// <param name="restart">False: this is the deadline of a head, and one that runs already stays as it is.</param>
    public void Set(TimeSpan after, bool restart)
    {
        if (!restart && hasHeadBegun)
        {
            return;
        }
        hasHeadBegun = !restart;
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
