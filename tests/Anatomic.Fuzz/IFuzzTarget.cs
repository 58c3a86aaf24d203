namespace Anatomic.Fuzz;

/// <summary>A decoder under fire. Add a new one to <see cref="Registry"/>.</summary>
internal interface IFuzzTarget
{
    /// <summary>How the command line calls it; its inputs to begin with are the files of <c>corpus/Name</c>.</summary>
    string Name { get; }

    /// <summary>Byte strings that the format gives a meaning to, put in now and then.</summary>
    IReadOnlyList<byte[]> Tokens { get; }

    /// <summary>Decodes, and throws when something is wrong: any exception counts as a crash.</summary>
    void Run(byte[] input);
}
