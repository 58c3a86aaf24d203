using System.Diagnostics;
using System.Text;

namespace Anatomic.Fuzz;

/// <summary>
/// Runs a target with many inputs. Each input has its own seed, so a single number reproduces a crash.
/// </summary>
internal sealed class Fuzzer(IFuzzTarget target)
{
    // Nobody's 16 KiB may block a decoder that long. This only catches hangs: the cost of an input is judged by the
    // bytes allocated and the steps counted by a target, which do not depend on the machine.
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(5);

    private double worstPerByte;

    /// <summary>False when an input failed; the console shows how to reproduce it.</summary>
    public bool Run(long firstSeed, long executions)
    {
        var corpus = Corpus();
        foreach (var (name, bytes) in corpus)
        {
            if (Try(bytes) is { } broken)
            {
                return Report($"corpus/{target.Name}/{name}", bytes, broken);
            }
        }
        var mutator = new Mutator([.. corpus.Select(file => file.Bytes)], target.Tokens);
        var watch = Stopwatch.StartNew();
        executions = Math.Max(1, executions / target.Cost);
        for (var i = 0L; i < executions; i++)
        {
            var seed = unchecked(firstSeed + i);
            var input = mutator.Make(seed);
            if (Try(input) is { } broken)
            {
                return Report($"--seed {seed} --executions 1 {target.Name}", input, broken);
            }
        }
        Console.WriteLine(
            $"{target.Name}: {executions:N0} inputs from seed {firstSeed},"
                + $" {executions / watch.Elapsed.TotalSeconds:N0}/s,"
                + $" at most {worstPerByte:N0} bytes allocated per byte, no failure"
        );
        return true;
    }

    private List<(string Name, byte[] Bytes)> Corpus()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "corpus", target.Name);
        var files = Directory.GetFiles(folder).Order(StringComparer.Ordinal);
        return [.. files.Select(file => (Path.GetFileName(file), File.ReadAllBytes(file)))];
    }

    private string? Try(byte[] input)
    {
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        try
        {
            target.Run(input);
        }
        catch (Exception broken)
        {
            return broken.ToString();
        }
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        worstPerByte = Math.Max(worstPerByte, (double)allocated / Math.Max(256, input.Length));
        return watch.Elapsed > Slow ? $"it took {watch.Elapsed}"
            : allocated > target.FixedAllocation + ((long)input.Length * target.AllocationPerByte)
                ? $"it allocated {allocated:N0} bytes for {input.Length:N0}"
            : null;
    }

    private bool Report(string how, byte[] input, string broken)
    {
        Console.WriteLine(
            new StringBuilder()
                .AppendLine($"{target.Name} failed; reproduce it with: {how}")
                .AppendLine(broken)
                .Append(Convert.ToHexStringLower(input))
        );
        return false;
    }
}
