using System.Text;
using Anatomic.Wire;
using Anatomic.Wire.Magnets;

namespace Anatomic.Fuzz.Targets;

/// <summary>Accepted magnet links round-trip.</summary>
internal sealed class MagnetTarget : IFuzzTarget
{
    public string Name => "magnet";

    public IReadOnlyList<byte[]> Tokens { get; } =
    [
        [.. "&xt=urn:btih:"u8],
        [.. "&xt=urn:btmh:1220"u8],
        [.. "&so="u8],
        [.. "0-2147483647"u8],
        [.. "%"u8],
        [.. "%ff"u8],
        [.. "&tr="u8],
        [.. "&x.pe="u8],
    ];

    public void Run(byte[] input)
    {
        var fine = MagnetLink.TryParse(Encoding.UTF8.GetString(input), out var link, out var fault);
        Invariant.Holds(fine == fault is null);
        if (link is null)
        {
            return;
        }
        Invariant.Holds(link.SwarmIds.Count is 1 or 2);
        Invariant.Holds(MagnetLink.TryParse(link.ToString(), out var again, out _));
        Invariant.Holds(again.ToString() == link.ToString());
    }
}
