using Anatomic.Wire;
using Anatomic.Wire.Trackers;
using Anatomic.World;

namespace Anatomic.Engine.Trackers;

/// <summary>
/// Announces for all torrents of a session: one UDP port for each address family, shared connection ids and names, and
/// a limited number of announces at a time. Members may be called from any loop; the work is done on one.
/// </summary>
internal sealed class TrackerService : IAsyncDisposable
{
    private readonly ILoop loop;
    private readonly AnnounceSlots slots = new();
    private readonly TrackerClient client;
    private readonly UdpTrackerClient udp;
    private readonly CancellationTokenSource stopping = new();

    public TrackerService(IWorld world, AnnounceIdentity identity, bool allowPrivate)
    {
        Identity = identity;
        loop = world.Loops.All[0];
        var names = new NameCache(world.Network, identity, stopping.Token);
        var addresses = new TrackerAddresses(names, identity, allowPrivate);
        udp = new UdpTrackerClient(world.Network, loop, identity, stopping.Token);
        client = new TrackerClient(addresses, new HttpTrackerClient(world, addresses), udp);
    }

    public AnnounceIdentity Identity { get; }

    /// <summary>
    /// Waits for a turn. When it is granted, <see cref="AnnounceAsync"/> or <see cref="GiveBack"/> must follow.
    /// </summary>
    public void Enter(string url, ILoop home, IAnnounceWaiter waiter) => Enter(url, new HomeWaiter(home, waiter));

    /// <summary>Announces once, with a turn that was granted, and ends the turn.</summary>
    /// <param name="early">
    /// Called on the service's loop with the peers of one address family, when another one is not done yet.
    /// </param>
    public Task<AnnounceOutcome> AnnounceAsync(
        string url,
        AnnounceRequest request,
        Action<IReadOnlyList<Endpoint>> early,
        CancellationToken stop
    ) => LoopExtensions.RunAsync(loop, () => AnnounceInTurnAsync(url, request, early, stop));

    /// <summary>Ends a turn that is not needed.</summary>
    public void GiveBack(string url) => loop.Post(() => Leave(url, failure: ""));

    /// <summary>
    /// Waits for a turn, in front of the others, and announces. Does nothing when the tracker's host is silent.
    /// </summary>
    public Task AnnounceFirstAsync(string url, IReadOnlyList<AnnounceRequest> requests, CancellationToken stop) =>
        loop.RunAsync(async () =>
        {
            var turn = new TaskWaiter(() => Leave(url, failure: ""));
            slots.Enter(HostOf(url), turn, first: true);
            Decide();
            if (!await turn.WaitAsync(stop))
            {
                return;
            }
            string? failure = "";
            try
            {
                foreach (var request in requests)
                {
                    var outcome = await client.AnnounceAsync(url, request, early: null, stop);
                    failure = outcome.WasReached ? null : outcome.Failure;
                }
            }
            finally
            {
                Leave(url, failure);
            }
        });

    public async ValueTask DisposeAsync() =>
        await loop.RunAsync(async () =>
        {
            stopping.Cancel();
            await udp.DisposeAsync();
        });

    /// <summary>What shares the fate of being reachable: a host and its port.</summary>
    private static string HostOf(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var tracker) ? tracker.Authority : "";

    private void Enter(string url, HomeWaiter waiter) =>
        loop.Post(() =>
        {
            slots.Enter(HostOf(url), waiter);
            Decide();
        });

    private async Task<AnnounceOutcome> AnnounceInTurnAsync(
        string url,
        AnnounceRequest request,
        Action<IReadOnlyList<Endpoint>> early,
        CancellationToken stop
    )
    {
        string? failure = "";
        try
        {
            var outcome = await client.AnnounceAsync(url, request, early, stop);
            failure = outcome.WasReached || outcome.IsFinal ? null : outcome.Failure;
            return outcome;
        }
        finally
        {
            Leave(url, failure);
        }
    }

    private void Leave(string url, string? failure)
    {
        slots.Leave(HostOf(url), failure, Identity.Now);
        Decide();
    }

    private void Decide()
    {
        while (slots.TryDecide(Identity.Now, out var decision))
        {
            if (decision.Reason is { } reason)
            {
                decision.Waiter.Denied(reason, decision.Until);
            }
            else
            {
                decision.Waiter.Granted();
            }
        }
    }

    /// <summary>Tells a waiter on its own loop.</summary>
    private sealed class HomeWaiter(ILoop home, IAnnounceWaiter waiter) : IAnnounceWaiter
    {
        public void Granted() => home.Post(waiter.Granted);

        public void Denied(string reason, DateTimeOffset until) => home.Post(() => waiter.Denied(reason, until));
    }

    private sealed class TaskWaiter(Action giveBack) : IAnnounceWaiter
    {
        private readonly TaskCompletionSource<bool> decision = new();
        private bool isAbandoned;

        /// <summary>False when the turn was denied.</summary>
        public async Task<bool> WaitAsync(CancellationToken stop)
        {
            try
            {
                return await decision.Task.WaitAsync(stop);
            }
            catch (OperationCanceledException)
            {
                isAbandoned = true;
                if (decision.Task.IsCompletedSuccessfully && decision.Task.Result)
                {
                    giveBack();
                }
                throw;
            }
        }

        public void Granted()
        {
            decision.SetResult(true);
            if (isAbandoned)
            {
                giveBack();
            }
        }

        public void Denied(string reason, DateTimeOffset until) => decision.SetResult(false);
    }
}
