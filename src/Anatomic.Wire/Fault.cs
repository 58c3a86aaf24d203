namespace Anatomic.Wire;

/// <summary>What is wrong with an input, and where. Hostile input yields this value, not an exception.</summary>
/// <param name="What">One sentence for the user, in lower case, without a full stop.</param>
/// <param name="Position">Byte offset; -1 when there is none.</param>
public sealed record Fault(string What, int Position = -1)
{
    public override string ToString() => Position < 0 ? What : $"{What} (at byte {Position})";
}
