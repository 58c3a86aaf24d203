namespace Anatomic.Fuzz;

/// <summary>A decoder under fire. Add a new one to <see cref="FuzzTargets"/>.</summary>
internal interface IFuzzTarget
{
    /// <summary>How the command line calls it; its inputs to begin with are the files of <c>corpus/Name</c>.</summary>
    string Name { get; }

    /// <summary>Byte strings that the format gives a meaning to, put in now and then.</summary>
    IReadOnlyList<byte[]> Tokens { get; }

    /// <summary>
    /// How many bytes may be allocated for each byte of an input, decoding and the target's own checks together, beyond
    /// <see cref="FixedAllocation"/>. A value of bencoding, two bytes at least, is some 120 bytes in memory.
    /// </summary>
    int AllocationPerByte => 256;

    /// <summary>Rent for what the runtime and the target itself need, however short the input: a quarter of a MiB.</summary>
    long FixedAllocation => 256 * 1024;

    /// <summary>Decodes, and throws when something is wrong: any exception counts as a crash.</summary>
    void Run(byte[] input);
}
