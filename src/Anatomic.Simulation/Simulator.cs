using System.Net;
using Anatomic.Simulation.Networks;
using Anatomic.Simulation.Scheduling;
using Anatomic.Simulation.Tracing;
using Anatomic.World;

namespace Anatomic.Simulation;

/// <summary>
/// Everything that a scenario needs: hosts, the network between them, time and the seed. It lives for one run of
/// <see cref="SimulationRun"/>.
/// </summary>
public sealed class Simulator
{
    private readonly SimulationLimits limits;
    private readonly Scheduler scheduler;
    private readonly HostProcess scenarioProcess;
    private readonly SeededEntropy entropy;
    private readonly List<SimulatedHost> hosts = [];
    private readonly List<(string Name, Func<string?> Check)> checkers = [];

    internal Simulator(ulong seed, SimulationLimits limits)
    {
        this.limits = limits;
        Trace = new Trace(limits.MaxTraceEvents);
        scheduler = new Scheduler(limits, Trace);
        scenarioProcess = new HostProcess(scheduler, "", loops: 1);
        entropy = new SeededEntropy(seed);
        Internet = new Internet(scheduler, scenarioProcess, entropy.Fork("internet"));
        Clock = new SimulatedClock(scenarioProcess, TimeSpan.Zero);
        Entropy = entropy.Fork("scenario");
    }

    public Internet Internet { get; }

    /// <summary>True time; the scenario's own waits use it.</summary>
    public TimeProvider Clock { get; }

    /// <summary>For the scenario's own choices.</summary>
    public Entropy Entropy { get; }

    public Trace Trace { get; }

    public IReadOnlyList<SimulatedHost> Hosts => hosts;

    /// <summary>Since the start.</summary>
    public TimeSpan Now => scheduler.Now;

    internal long Steps => scheduler.Steps;

    /// <summary>A host that is up from now on.</summary>
    public SimulatedHost AddHost(string name, HostOptions options, params string[] addresses)
    {
        var host = new SimulatedHost(
            scheduler,
            Internet,
            entropy.Fork(name),
            hosts.Count,
            name,
            [.. addresses.Select(IPAddress.Parse)],
            options
        );
        hosts.Add(host);
        return host;
    }

    /// <inheritdoc cref="AddHost(string, HostOptions, string[])"/>
    public SimulatedHost AddHost(string name, params string[] addresses) => AddHost(name, new HostOptions(), addresses);

    /// <summary>
    /// A rule that holds all along; it is looked at every <see cref="SimulationLimits.CheckInterval"/> and at the end, and
    /// answers null or what is wrong.
    /// </summary>
    public void AddInvariant(string rule, Func<string?> check) => checkers.Add((rule, check));

    /// <summary>Leaves a mark of the scenario in the trace.</summary>
    public void Note(string what) => scheduler.Add(scenarioProcess, TraceKind.Scenario, what);

    public Task WaitAsync(TimeSpan time) => Task.Delay(time, Clock, CancellationToken.None);

    /// <summary>Waits until <paramref name="condition"/> holds; a <see cref="SimulationException"/> when it does not within the time.</summary>
    public Task WaitUntilAsync(string what, Func<bool> condition, TimeSpan atMost) =>
        WaitUntilAsync(() => what, condition, atMost);

    /// <param name="what">Asked only when it did not come to it: what was waited for, and how things stand.</param>
    /// <param name="condition">Looked at every 50 ms.</param>
    /// <param name="atMost">Simulated time.</param>
    public async Task WaitUntilAsync(Func<string> what, Func<bool> condition, TimeSpan atMost)
    {
        var until = Now + atMost;
        while (!condition())
        {
            if (Now >= until)
            {
                throw new SimulationException(
                    SimulationFault.Scenario,
                    $"not within {atMost.TotalSeconds:0.###} s: {what()} (now {Now.TotalSeconds:F3} s)"
                );
            }
            await WaitAsync(LookEvery);
        }
    }

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    internal void Run(Func<Simulator, Task> scenario)
    {
        CheckLater();
        scheduler.RunUntil(() => scenario(this), scenarioProcess.Loops[0]);
        Check();
    }

    private void CheckLater() =>
        scheduler.After(
            limits.CheckInterval.Ticks,
            scenarioProcess,
            () =>
            {
                Check();
                CheckLater();
            },
            isBackground: true
        );

    private void Check()
    {
        foreach (var (name, check) in checkers)
        {
            if (check() is { } wrong)
            {
                throw new SimulationException(
                    SimulationFault.Checker,
                    $"{name}: {wrong} (at {Now.TotalSeconds:F3} s simulated)"
                );
            }
        }
    }
}
