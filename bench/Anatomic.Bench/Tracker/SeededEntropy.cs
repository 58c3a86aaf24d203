using Anatomic.World;

namespace Anatomic.Bench.Tracker;

/// <summary>Random numbers that are the same in every run.</summary>
internal sealed class SeededEntropy(int seed) : Entropy
{
    private readonly Random random = new(seed);

    public override Entropy Fork(string purpose) => new SeededEntropy(random.Next());

    public override void Fill(Span<byte> into) => random.NextBytes(into);
}
