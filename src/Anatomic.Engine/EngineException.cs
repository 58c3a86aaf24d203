namespace Anatomic.Engine;

/// <summary>An operation of the engine failed; the message says what and why, for a person.</summary>
public sealed class EngineException(string message, Exception? cause = null) : Exception(message, cause);
