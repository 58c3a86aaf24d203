using System.Net;
using Anatomic.Simulation.Networks;
using Anatomic.Simulation.Scheduling;
using Anatomic.Simulation.Tracing;
using Anatomic.World;

namespace Anatomic.Simulation;

/// <summary>
/// Everything a scenario uses: hosts, the network between them, the clock and random numbers. It lasts for one run of
/// <see cref="SimulationRun"/>.
/// </summary>
public sealed class Simulator
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);
    private readonly SimulationLimits limits;
    private readonly Scheduler scheduler;
    private readonly HostProcess scenarioProcess;
    private readonly SeededEntropy entropy;
    private readonly List<SimulatedHost> hosts = [];
    private readonly List<(string Rule, Func<string?> Check)> invariants = [];

    internal Simulator(ulong seed, SimulationLimits limits, Action<TraceEvent>? observer)
    {
        this.limits = limits;
        Trace = new Trace(limits.MaxTraceEvents, observer);
        scheduler = new Scheduler(limits, Trace);
        scenarioProcess = new HostProcess(scheduler, "", loops: 1);
        entropy = new SeededEntropy(seed);
        Internet = new Internet(scheduler, scenarioProcess, entropy.Fork("internet"));
        Clock = new SimulatedClock(scenarioProcess, TimeSpan.Zero);
        Entropy = entropy.Fork("scenario");
    }

    public Internet Internet { get; }

    /// <summary>The true time, without the skew of any host.</summary>
    public TimeProvider Clock { get; }

    /// <summary>Random numbers for the scenario's own choices.</summary>
    public Entropy Entropy { get; }

    public Trace Trace { get; }

    public IReadOnlyList<SimulatedHost> Hosts => hosts;

    /// <summary>Simulated time since the start.</summary>
    public TimeSpan Now => scheduler.Now;

    internal long Steps => scheduler.Steps;

    /// <summary>Adds a host, which is up at once.</summary>
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
    /// Adds a rule that must hold throughout the run. It is checked every <see cref="SimulationLimits.CheckInterval"/>
    /// and at the end.
    /// </summary>
    /// <param name="rule">The rule, for the failure message.</param>
    /// <param name="check">Returns null, or what violates the rule.</param>
    public void AddInvariant(string rule, Func<string?> check) => invariants.Add((rule, check));

    /// <summary>Adds a remark of the scenario to the trace.</summary>
    public void Note(string remark) => scheduler.Record(scenarioProcess, TraceKind.Note, remark);

    public Task WaitAsync(TimeSpan time) => Task.Delay(time, Clock, CancellationToken.None);

    /// <summary>Waits until the condition holds; checks it every 50 ms of simulated time.</summary>
    /// <exception cref="SimulationException">It does not hold within <paramref name="timeout"/>.</exception>
    public Task WaitUntilAsync(string expectation, Func<bool> condition, TimeSpan timeout) =>
        WaitUntilAsync(() => expectation, condition, timeout);

    /// <inheritdoc cref="WaitUntilAsync(string, Func{bool}, TimeSpan)"/>
    /// <param name="expectation">Called only on failure: what was expected, and the present state.</param>
    public async Task WaitUntilAsync(Func<string> expectation, Func<bool> condition, TimeSpan timeout)
    {
        var until = Now + timeout;
        while (!condition())
        {
            if (Now >= until)
            {
                throw ScenarioAssert.Failed(
                    $"not within {timeout.TotalSeconds:0.###} s: {expectation()} (now {Now.TotalSeconds:F3} s)"
                );
            }
            await WaitAsync(PollInterval);
        }
    }

    internal void Run(Func<Simulator, Task> scenario)
    {
        ScheduleCheck();
        Continue(scenario);
    }

    internal void Continue(Func<Simulator, Task> step)
    {
        scheduler.RunUntil(() => step(this), scenarioProcess.Loops[0]);
        CheckInvariants();
    }

    private void ScheduleCheck() =>
        scheduler.Schedule(
            limits.CheckInterval.Ticks,
            scenarioProcess,
            () =>
            {
                CheckInvariants();
                ScheduleCheck();
            },
            isBackground: true
        );

    private void CheckInvariants()
    {
        foreach (var (rule, check) in invariants)
        {
            if (check() is { } violation)
            {
                throw new SimulationException(
                    SimulationFault.InvariantViolation,
                    $"{rule}: {violation} (at {Now.TotalSeconds:F3} s simulated)"
                );
            }
        }
    }
}
