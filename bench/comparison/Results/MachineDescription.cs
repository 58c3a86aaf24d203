using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Anatomic.Comparison.Linux;

namespace Anatomic.Comparison.Results;

/// <summary>Describes the machine of this process.</summary>
internal static partial class MachineDescription
{
    /// <param name="name">Its short name; null derives one from the processor.</param>
    public static MachineRecord Read(string? name)
    {
        var cpu = CpuModel();
        return new MachineRecord
        {
            Name = ToFileName(name ?? cpu),
            Cpu = cpu,
            Cores = MachineLoad.Cores,
            Kernel = File.ReadAllText("/proc/sys/kernel/osrelease").Trim(),
            Runtime = RuntimeInformation.FrameworkDescription,
        };
    }

    private static string CpuModel()
    {
        var line = File.ReadLines("/proc/cpuinfo")
            .FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal));
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()
            ?? RuntimeInformation.ProcessArchitecture.ToString();
    }

    /// <summary>"Intel(R) Xeon(R) CPU @ 2.30GHz" becomes "intel-xeon-2.30ghz".</summary>
    private static string ToFileName(string text) =>
        Separators().Replace(Trademarks().Replace(text, " "), "-").Trim('-').ToLowerInvariant();

    [GeneratedRegex(@"\((R|TM)\)|\b(CPU|Processor)\b", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Trademarks();

    [GeneratedRegex(@"[^A-Za-z0-9.]+")]
    private static partial Regex Separators();
}
