using System.Diagnostics.CodeAnalysis;
using Anatomic.Wire.Bencoding;

namespace Anatomic.Wire.Network;

/// <summary>What the dictionary v of a signed item holds.</summary>
public interface INetworkItem<TSelf>
    where TSelf : class, INetworkItem<TSelf>
{
    /// <summary>The type's name in the text that is signed: <c>record</c>, <c>plant</c> …</summary>
    static abstract string ItemType { get; }

    /// <summary>Longest signed item of this type, in bytes.</summary>
    static abstract int MaxBytes { get; }

    /// <summary>The item's time (a record's: its sequence number), in Unix milliseconds.</summary>
    long At { get; }

    /// <summary>The canonical dictionary v.</summary>
    byte[] Write();

    /// <summary>Reads v; keys that are not known are passed over.</summary>
    static abstract bool TryRead(
        BencodeValue value,
        [NotNullWhen(true)] out TSelf? item,
        [NotNullWhen(false)] out Fault? fault
    );
}
