namespace Anatomic.Comparison.CommandLine;

/// <summary>The run cannot go on; the message says why, for a person.</summary>
internal sealed class PeersException(string message) : Exception(message);
