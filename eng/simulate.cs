#!/usr/bin/env dotnet
#:project ../src/Anatomic.Simulation/Anatomic.Simulation.csproj
// Lists the scenarios of the simulation, or runs one and prints its trace.
//   dotnet run eng/simulate.cs -- [--list]
//   dotnet run eng/simulate.cs -- --scenario NAME [--seed N] [--seeds COUNT] [--host NAME] [--all] [--max-events N]
// Exit status: 0 when every run succeeds, 1 when one fails, 2 for wrong arguments.
using Anatomic.Simulation.Scenarios;
using Anatomic.Simulation.Scheduling;
using Anatomic.Simulation.Tracing;

const int Success = 0;
const int Failure = 1;
const int WrongArguments = 2;
const string Usage = """
    usage: dotnet run eng/simulate.cs -- [--list]
           dotnet run eng/simulate.cs -- --scenario NAME [options]

      --list            list the scenarios; the default
      --scenario NAME   run a scenario twice with one seed, print the first run's trace, and compare the two
      --seed N          the seed, which decides everything random (default 1)
      --seeds COUNT     run COUNT seeds from --seed on, and print one line per seed; stop at the first failure
      --host NAME       print the events of one host only
      --all             also print timers and finished background work
      --max-events N    events kept to show where two runs differ (default 2,000,000)
    """;

string? name = null;
string? host = null;
var all = false;
ulong seed = 1;
ulong? seeds = null;
var limits = new SimulationLimits();

for (var at = 0; at < args.Length; at++)
{
    var option = args[at];
    var value = at + 1 < args.Length ? args[at + 1] : null;
    switch (option)
    {
        case "--list":
            PrintList(Console.Out);
            return Success;
        case "--help" or "-h":
            Console.WriteLine(Usage);
            return Success;
        case "--all":
            all = true;
            continue;
        case "--scenario" when value is not null:
            name = value;
            break;
        case "--host" when value is not null:
            host = value;
            break;
        case "--seed" when ulong.TryParse(value, out var number):
            seed = number;
            break;
        case "--seeds" when ulong.TryParse(value, out var count) && count > 0:
            seeds = count;
            break;
        case "--max-events" when int.TryParse(value, out var events) && events >= 0:
            limits = limits with { MaxTraceEvents = events };
            break;
        case "--scenario" or "--host":
            return Reject($"{option} needs a name");
        case "--seed" or "--seeds" or "--max-events":
            return Reject(value is null ? $"{option} needs a number" : $"{option} needs a number, not '{value}'");
        default:
            return Reject($"unknown option '{option}'");
    }
    at++; // the option's value
}
if (name is null)
{
    PrintList(Console.Out);
    return Success;
}
if (ScenarioCatalog.Find(name) is not { } scenario)
{
    Console.Error.WriteLine($"There is no scenario '{name}'.");
    Console.Error.WriteLine();
    PrintList(Console.Error);
    return WrongArguments;
}
return seeds is { } runs ? RunSeeds(scenario, runs) : RunWithTrace(scenario);

int RunWithTrace(Scenario toRun)
{
    // Console.Out flushes every line; a trace has hundreds of thousands.
    var output = new StreamWriter(Console.OpenStandardOutput(), bufferSize: 1 << 16);
    var hidden = 0L;
    Print(output, $"# {toRun.Name}, seed {seed}: {toRun.Description}");
    Print(output, $"# {"seconds", 10}  {"host", -14} {"event", -18} facts");
    try
    {
        var result = toRun.Run(
            seed,
            limits,
            happened =>
            {
                if (IsShown(happened))
                {
                    Print(output, happened.ToString());
                }
                else
                {
                    hidden++;
                }
            }
        );
        Print(output, $"# succeeded: {Describe(result)}; events not shown: {hidden:N0}", flush: true);
        return Success;
    }
    catch (SimulationException failed)
    {
        Print(output, $"# failed; events not shown: {hidden:N0}", flush: true);
        Console.Error.WriteLine($"FAILED {failed.Message}");
        return Failure;
    }
}

int RunSeeds(Scenario toRun, ulong count)
{
    for (var next = seed; next < seed + count; next++)
    {
        try
        {
            Console.WriteLine($"seed {next}: {Describe(toRun.Run(next, limits))}");
        }
        catch (SimulationException failed)
        {
            Console.Error.WriteLine($"FAILED {failed.Message}");
            return Failure;
        }
    }
    return Success;
}

static void Print(StreamWriter output, string line, bool flush = false)
{
    try
    {
        output.WriteLine(line);
        if (flush)
        {
            output.Flush();
        }
    }
    catch (IOException)
    {
        Environment.Exit(Success); // the reader, such as head, has closed the pipe
    }
}

bool IsShown(in TraceEvent happened) =>
    (all || happened.Kind is not (TraceKind.TimerFired or TraceKind.WorkDone))
    && (host is null || host == happened.Host);

static string Describe(Anatomic.Simulation.SimulationResult result) =>
    $"{result.Time.TotalSeconds:F1} s simulated, {result.Events:N0} events, both runs equal (hash {result.Hash:x16})";

int Reject(string error)
{
    Console.Error.WriteLine($"error: {error}");
    Console.Error.WriteLine();
    Console.Error.WriteLine(Usage);
    return WrongArguments;
}

static void PrintList(TextWriter output)
{
    output.WriteLine("Scenarios, to run with 'dotnet run eng/simulate.cs -- --scenario NAME --seed N':");
    var width = ScenarioCatalog.All.Max(scenario => scenario.Name.Length);
    foreach (var scenario in ScenarioCatalog.All)
    {
        output.WriteLine($"  {scenario.Name.PadRight(width)}  {scenario.Description}");
    }
}
