namespace Anatomic.Comparison.CommandLine;

/// <summary>The run cannot continue. The message tells the person at the terminal why; the exit status is 2.</summary>
internal sealed class ComparisonException(string message) : Exception(message);
