using System.Runtime.CompilerServices;
using Anatomic.Wire;

namespace Anatomic.Federation.Orders;

/// <summary>The numbers of up to 12 nodes in 32 bytes: three of 21 bits in each word.</summary>
[InlineArray(Words)]
internal struct CandidateList
{
    /// <summary>Numbers are below this limit.</summary>
    public const int MaxNumbers = 1 << Bits;

    private const int Bits = 21;
    private const int PerWord = 3;
    private const int Words = NetworkLimits.MaxCandidates / PerWord;
    private const ulong Mask = MaxNumbers - 1;

    private ulong word;

    public readonly int At(int place) => (int)((this[place / PerWord] >> (place % PerWord * Bits)) & Mask);

    public void Set(int place, int number)
    {
        var shift = place % PerWord * Bits;
        ref var changed = ref this[place / PerWord];
        changed = (changed & ~(Mask << shift)) | ((ulong)number << shift);
    }

    /// <summary>The place of a node among the first <paramref name="count"/>; -1: it is not there.</summary>
    public readonly int PlaceOf(int number, int count)
    {
        for (var first = 0; first < count; first += PerWord)
        {
            var left = this[first / PerWord];
            for (var place = first; place < first + PerWord; place++, left >>= Bits)
            {
                if ((int)(left & Mask) == number)
                {
                    return place < count ? place : -1;
                }
            }
        }
        return -1;
    }
}
