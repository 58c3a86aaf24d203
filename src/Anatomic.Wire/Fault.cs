namespace Anatomic.Wire;

/// <summary>
/// What is wrong with an input, and where: hostile input is a value, not an exception. <paramref name="What"/> is one plain
/// sentence without a full stop, made for a person; <paramref name="Position"/> is the byte offset, or -1 when it has none.
/// </summary>
public sealed record Fault(string What, int Position = -1)
{
    public override string ToString() => Position < 0 ? What : $"{What} (at byte {Position})";
}
