namespace Anatomic.Tracker.Swarms;

[Flags]
internal enum SwarmState : byte
{
    None = 0,
    InUse = 1,
    Planted = 2,

    /// <summary>The only peer is stored in the slot itself.</summary>
    HasSingle = 4,
    SingleIsSeed = 8,
}
