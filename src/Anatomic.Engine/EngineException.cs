namespace Anatomic.Engine;

/// <summary>An operation of the engine failed. The message names the cause and is shown to the user.</summary>
public sealed class EngineException(string message, Exception? cause = null) : Exception(message, cause);
