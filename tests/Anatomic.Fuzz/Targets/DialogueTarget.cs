using Anatomic.Simulation;
using Anatomic.Wire;

namespace Anatomic.Fuzz.Targets;

/// <summary>
/// A hostile peer and a real torrent with picker, storage and choker behind it. The input is a script of messages, so
/// that changed bytes make other messages, not only broken ones. Whatever the peer sends, the torrent goes on.
/// </summary>
internal sealed class DialogueTarget : IFuzzTarget
{
    // Later inputs meet a torrent that earlier ones have used; each has a host of its own, as hosts are banned.
    private const int InputsPerWorld = 100;

    private DialogueWorld? world;
    private int inputs;

    public string Name => "dialogue";

    public int Cost => 50;

    /// <summary>Building a world and its torrents, and the events of a simulated minute.</summary>
    public long FixedAllocation => 192 << 20;

    public IReadOnlyList<byte[]> Tokens { get; } =
    [.. Enumerable.Range(0, PeerScript.Kinds).Select(kind => new byte[] { (byte)kind, 1, 2, 3 })];

    public void Run(byte[] input)
    {
        if (world is null || inputs == InputsPerWorld)
        {
            (world, inputs) = (new DialogueWorld(InputsPerWorld), 0);
        }
        try
        {
            world.Run(inputs++, input);
        }
        catch (Exception broken)
        {
            world = null;
            throw new InvalidOperationException(
                $"in a world that {inputs - 1} inputs had used: {broken.Message}",
                broken
            );
        }
    }
}
