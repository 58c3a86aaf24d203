using Anatomic.Fuzz;

const string Usage = """
    dotnet run --project tests/Anatomic.Fuzz -- [--executions N] [--seed S] [target]

      --executions N   inputs for each target, default 100000
      --seed S         the first input's seed, default 1; a crash names the seed that repeats it
    """;

var executions = 100_000L;
var seed = 1L;
string? only = null;
for (var i = 0; i < args.Length; i++)
{
    var fine = args[i] switch
    {
        "--executions" => ++i < args.Length && long.TryParse(args[i], out executions) && executions > 0,
        "--seed" => ++i < args.Length && long.TryParse(args[i], out seed),
        var name when FuzzTargets.Targets.Any(target => target.Name == name) => (only = name) is not null,
        _ => false,
    };
    if (!fine)
    {
        Console.Error.WriteLine(Usage);
        Console.Error.WriteLine($"  targets: {string.Join(", ", FuzzTargets.Targets.Select(target => target.Name))}");
        return 2;
    }
}

// One thread per target: allocation is measured per thread, so a target must not work on another one.
var broken = 0;
Parallel.ForEach(
    FuzzTargets.Targets.Where(target => only is null || target.Name == only),
    new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
    target =>
    {
        if (!new Fuzzer(target).Run(seed, executions))
        {
            Interlocked.Increment(ref broken);
        }
    }
);
return broken == 0 ? 0 : 1;
