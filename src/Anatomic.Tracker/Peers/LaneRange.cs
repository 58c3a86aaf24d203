using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Anatomic.Tracker.Peers;

/// <summary>Those entries of a step that are to be looked at: so many, from the first on.</summary>
internal readonly record struct LaneRange(int First, int Count);
