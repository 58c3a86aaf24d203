using Anatomic.Simulation.Scheduling;
using Anatomic.Simulation.Tracing;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Simulation.Networks;

/// <summary>HTTP between hosts of the simulation, with the bounds and the failures of the real exchange.</summary>
internal sealed class SimulatedExchange(SimulatedNetwork network) : IExchange
{
    public async ValueTask<HttpReceived> SendAsync(HttpAsk ask, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        var to = ask.Dial ?? await ResolveAsync(ask.Url, stop);
        var from = network.Streams.SourceFor(to, network.Streams.TakeEphemeral());
        var request = new Request(network, ask, from, to);
        await using var stopping = stop.Register(() => request.End.TrySetCanceled(stop));
        return await request.SendAsync();
    }

    private async ValueTask<Endpoint> ResolveAsync(Uri url, CancellationToken stop)
    {
        var addresses = await network.ResolveAsync(url.DnsSafeHost, stop);
        return Endpoint.From(addresses[0], url.Port);
    }

    private sealed class Request(SimulatedNetwork network, HttpAsk ask, Endpoint from, Endpoint to) : IBreakable
    {
        private SimulatedHost? target;

        public TaskCompletionSource<HttpReceived> End { get; } = new();

        public async Task<HttpReceived> SendAsync()
        {
            var life = network.Life;
            target = network.Internet.HostAt(network.Host, to);
            var id = network.Internet.Track(this);
            var deadline = life.Scheduler.After(
                ask.Deadline.Ticks,
                life,
                () => Fail($"{Name} gives no answer within {ask.Deadline.TotalSeconds:0.#} s")
            );
            if (target is not null)
            {
                // Connecting costs a round trip before the request leaves.
                network.Reach(target, there => there.Reach(network.Host, _ => network.Reach(target, Arrive)));
            }
            try
            {
                return await End.Task;
            }
            finally
            {
                deadline.Cancel();
                network.Internet.Forget(id);
            }
        }

        public bool Touches(SimulatedHost host) => target == host;

        public bool IsBetween(SimulatedHost left, SimulatedHost right) => false;

        public void Break(string why, TimeSpan delay)
        {
            network.Life.Scheduler.After(
                delay.Ticks + network.Internet.Travel(target!, network.Host),
                network.Life,
                () => Fail($"{Name}: {why}")
            );
        }

        private string Name => $"{ask.Url.Scheme}://{ask.Url.Authority}";

        private void Arrive(SimulatedNetwork there)
        {
            if (there.Streams.Find(to) is RequestServing serving)
            {
                _ = AnswerAsync(serving, there);
            }
            else
            {
                there.Reach(network.Host, _ => Fail($"{Name} refuses the connection: nothing listens there"));
            }
        }

        private async Task AnswerAsync(RequestServing serving, SimulatedNetwork there)
        {
            var reply = await serving.AnswerAsync(ask, from);
            there.Reach(network.Host, _ => Take(reply));
        }

        private void Take(HttpReply reply)
        {
            var life = network.Life;
            life.Scheduler.Add(life, TraceKind.Reply, Name, reply.Status, Mixing.Of(reply.Body.Span));
            if (reply.Body.Length > ask.MaxReplyBytes)
            {
                Fail($"{Name} answers with more than {ask.MaxReplyBytes:N0} bytes");
                return;
            }
            // A copy: nothing that the server does to its buffer later may be seen here.
            var body = ask.Method == "HEAD" ? [] : reply.Body.ToArray();
            End.TrySetResult(new HttpReceived(reply with { Body = body }, to));
        }

        private void Fail(string why) => End.TrySetException(new NetworkException(why));
    }
}
