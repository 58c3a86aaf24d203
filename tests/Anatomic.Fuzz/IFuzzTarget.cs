namespace Anatomic.Fuzz;

/// <summary>A decoder to be fuzzed. Add new ones to <see cref="FuzzTargets"/>.</summary>
internal interface IFuzzTarget
{
    /// <summary>Name on the command line; its seed inputs are the files of <c>corpus/Name</c>.</summary>
    string Name { get; }

    /// <summary>Byte strings with a meaning in the format, inserted now and then.</summary>
    IReadOnlyList<byte[]> Tokens { get; }

    /// <summary>
    /// Bytes that may be allocated per byte of input, for decoding and the target's checks together, beyond
    /// <see cref="FixedAllocation"/>. A bencoded value has at least two bytes and needs about 120 in memory.
    /// </summary>
    int AllocationPerByte => 256;

    /// <summary>
    /// Bytes that the runtime and the target may allocate however short the input is: a quarter of a MiB.
    /// </summary>
    long FixedAllocation => 256 * 1024;

    /// <summary>Only every n-th execution runs: an input costs as much time as n of a decoder. Default: 1.</summary>
    int Cost => 1;

    /// <summary>Decodes an input and throws when something is wrong; any exception counts as a crash.</summary>
    void Run(byte[] input);
}
