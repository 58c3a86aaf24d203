using System.Text;

namespace Anatomic.Wire.Metainfo;

/// <summary>Sorts paths like a v2 file tree (BEP 52): part by part, by their UTF-8 bytes.</summary>
public sealed class PathOrder : IComparer<IReadOnlyList<string>>
{
    public static PathOrder Instance { get; } = new();

    public int Compare(IReadOnlyList<string>? x, IReadOnlyList<string>? y)
    {
        var (left, right) = (x ?? [], y ?? []);
        for (var i = 0; i < Math.Min(left.Count, right.Count); i++)
        {
            var order = Encoding.UTF8.GetBytes(left[i]).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right[i]));
            if (order != 0)
            {
                return order;
            }
        }
        return left.Count.CompareTo(right.Count);
    }
}
