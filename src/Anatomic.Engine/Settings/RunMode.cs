namespace Anatomic.Engine.Settings;

/// <summary>Whether the user wants a torrent to run.</summary>
public enum RunMode
{
    /// <summary>Stopped until the user starts it.</summary>
    Stopped,

    /// <summary>Runs when the session's queue admits it.</summary>
    Started,

    /// <summary>Runs whatever the queue's limits are.</summary>
    Forced,
}
