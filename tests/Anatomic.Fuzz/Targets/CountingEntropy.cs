using Anatomic.World;

namespace Anatomic.Fuzz.Targets;

/// <summary>Numbers that are the same in every run, so that connection ids in the corpus stay valid.</summary>
internal sealed class CountingEntropy : Entropy
{
    private byte next = 1;

    public override Entropy Fork(string purpose) => new CountingEntropy { next = (byte)purpose.Length };

    public override void Fill(Span<byte> into)
    {
        foreach (ref var one in into)
        {
            one = unchecked(next += 101);
        }
    }
}
