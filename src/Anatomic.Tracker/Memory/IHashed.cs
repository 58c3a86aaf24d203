using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Anatomic.Tracker.Memory;

/// <summary>What stands in <see cref="LinearHashTable{T}"/>.</summary>
internal interface IHashed
{
    /// <summary>The seed is secret, so that nobody can choose entries that collide.</summary>
    uint Hash(ulong seed);
}
