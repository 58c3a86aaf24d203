using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Anatomic.Wire;

/// <summary>
/// Checks that are always on. A failed one means a bug in this program, and continuing could lose data.
/// </summary>
public static class Invariant
{
    public static void Holds(
        [DoesNotReturnIf(false)] bool condition,
        [CallerArgumentExpression(nameof(condition))] string what = ""
    )
    {
        if (!condition)
        {
            throw new InvariantBrokenException($"Invariant broken: {what}");
        }
    }
}

/// <summary>A bug in this program, never the fault of an input.</summary>
public sealed class InvariantBrokenException(string message) : Exception(message);
