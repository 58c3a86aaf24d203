using System.Security.Cryptography;
using Anatomic.World;

namespace Anatomic.Machine.Identity;

/// <summary>The operating system's random numbers, fetched in blocks; may be used from any thread.</summary>
internal sealed class MachineEntropy : Entropy
{
    // One system call for 64 numbers of 8 bytes; larger requests go straight to the system.
    private const int BlockBytes = 512;

    [ThreadStatic]
    private static byte[]? block;

    [ThreadStatic]
    private static int left;

    /// <summary>Unpredictable numbers need no separate streams.</summary>
    public override Entropy Fork(string purpose) => this;

    public override void Fill(Span<byte> into)
    {
        if (into.Length > BlockBytes / 4)
        {
            RandomNumberGenerator.Fill(into);
            return;
        }
        block ??= new byte[BlockBytes];
        if (left < into.Length)
        {
            RandomNumberGenerator.Fill(block);
            left = BlockBytes;
        }
        var taken = block.AsSpan(left - into.Length, into.Length);
        taken.CopyTo(into);
        taken.Clear();
        left -= into.Length;
    }
}
