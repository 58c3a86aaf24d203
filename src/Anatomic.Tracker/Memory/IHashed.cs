namespace Anatomic.Tracker.Memory;

/// <summary>An entry of a <see cref="LinearHashTable{T}"/>.</summary>
internal interface IHashed
{
    /// <summary>Hashes the entry. The seed is secret, so that nobody can choose entries that collide.</summary>
    uint Hash(ulong seed);
}
