using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Anatomic.Wire;

namespace Anatomic.Engine.Picking;

/// <summary>
/// Finds the senders of wrong blocks in a piece that several sent. A failed piece leaves the hash and the sender of
/// each block; once the piece is right, the blocks that differ name who is banned, and nobody else.
/// </summary>
internal sealed class SmartBan
{
    private readonly Dictionary<PieceIndex, List<SentBlock[]>> failures = [];
    private readonly Queue<PieceIndex> oldest = new();
    private int blocks;

    /// <summary>Whether senders of the piece are on record.</summary>
    public bool Suspects(PieceIndex piece) => failures.ContainsKey(piece);

    /// <summary>
    /// The first bytes of the hash of each block. Takes time for large pieces, so call it on a worker.
    /// </summary>
    public static ulong[] HashBlocks(ReadOnlySpan<byte> content)
    {
        var hashes = new ulong[RequestScheduler.BlockCount(content.Length)];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        for (var i = 0; i < hashes.Length; i++)
        {
            var begin = i * PeerLimits.BlockBytes;
            SHA256.HashData(content.Slice(begin, Math.Min(PeerLimits.BlockBytes, content.Length - begin)), hash);
            hashes[i] = MemoryMarshal.Read<ulong>(hash);
        }
        return hashes;
    }

    /// <summary>Records the blocks of a piece whose hash was wrong.</summary>
    /// <param name="senders">The address that sent each block.</param>
    public void PieceFailed(PieceIndex piece, ReadOnlySpan<ulong> hashes, ReadOnlySpan<Endpoint> senders)
    {
        Invariant.Holds(hashes.Length == senders.Length);
        while (blocks + hashes.Length > EngineLimits.MaxSuspectBlocks && oldest.TryDequeue(out var dropped))
        {
            Forget(dropped);
        }
        var sent = new SentBlock[hashes.Length];
        for (var i = 0; i < sent.Length; i++)
        {
            sent[i] = new SentBlock(hashes[i], senders[i].WithPort(0));
        }
        if (!failures.TryGetValue(piece, out var attempts))
        {
            failures.Add(piece, attempts = []);
            oldest.Enqueue(piece);
        }
        attempts.Add(sent);
        blocks += sent.Length;
    }

    /// <summary>The addresses that sent wrong blocks of a piece that is now right; forgets the piece.</summary>
    public IReadOnlyCollection<Endpoint> PieceGood(PieceIndex piece, ReadOnlySpan<ulong> hashes)
    {
        HashSet<Endpoint> wrong = [];
        foreach (var attempt in failures.GetValueOrDefault(piece) ?? [])
        {
            for (var i = 0; i < attempt.Length; i++)
            {
                if (attempt[i].Hash != hashes[i])
                {
                    wrong.Add(attempt[i].Sender);
                }
            }
        }
        Forget(piece);
        return wrong;
    }

    private void Forget(PieceIndex piece)
    {
        if (failures.Remove(piece, out var attempts))
        {
            blocks -= attempts.Sum(attempt => attempt.Length);
        }
    }

    private readonly record struct SentBlock(ulong Hash, Endpoint Sender);
}
