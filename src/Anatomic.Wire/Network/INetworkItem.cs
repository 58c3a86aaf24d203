using System.Diagnostics.CodeAnalysis;
using Anatomic.Wire.Bencoding;

namespace Anatomic.Wire.Network;

/// <summary>The content of a signed item: its dictionary v.</summary>
public interface INetworkItem<TSelf>
    where TSelf : class, INetworkItem<TSelf>
{
    /// <summary>The type's name in the signed text: <c>record</c>, <c>plant</c> …</summary>
    static abstract string ItemType { get; }

    /// <summary>Longest signed item of this type, in bytes.</summary>
    static abstract int MaxBytes { get; }

    /// <summary>The item's time in Unix milliseconds; for a record, its sequence number.</summary>
    long At { get; }

    /// <summary>The canonical dictionary v.</summary>
    byte[] Write();

    /// <summary>Reads v; unknown keys are ignored.</summary>
    static abstract bool TryRead(
        BencodeValue value,
        [NotNullWhen(true)] out TSelf? item,
        [NotNullWhen(false)] out Fault? fault
    );
}
