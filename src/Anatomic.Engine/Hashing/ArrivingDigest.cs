using System.Security.Cryptography;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Engine.Hashing;

/// <summary>
/// Hashes a piece on the workers while its bytes arrive in order: they are still in the processor's cache, and little
/// is left to do when the piece is complete.
/// </summary>
internal sealed class ArrivingDigest
{
    private readonly TorrentInfo info;
    private readonly PieceIndex piece;
    private readonly IWorkers workers;
    private readonly IncrementalHash? sha1;
    private readonly Hash32[]? leaves;
    private readonly int fileBytes;
    private int hashedBytes;
    private Task running = Task.CompletedTask;

    public ArrivingDigest(TorrentInfo info, PieceIndex piece, IWorkers workers)
    {
        this.info = info;
        this.piece = piece;
        this.workers = workers;
        sha1 = info.HasV1 ? IncrementalHash.CreateHash(HashAlgorithmName.SHA1) : null;
        if (info.HasV2)
        {
            fileBytes = PieceDigest.FileBytes(info, piece);
            leaves = new Hash32[(fileBytes + Merkle.LeafBytes - 1) / Merkle.LeafBytes];
        }
    }

    /// <summary>
    /// Hashes what is new, when it is worth a job and none runs. The bytes do not change any more.
    /// </summary>
    /// <param name="bytes">The piece from its first byte on, as far as it is there: whole blocks.</param>
    public void Advance(ReadOnlyMemory<byte> bytes)
    {
        if (running.IsCompleted && bytes.Length - hashedBytes >= EngineLimits.HashStepBytes)
        {
            running = workers.RunAsync(() => Append(bytes.Span));
        }
    }

    /// <summary>Hashes the rest; true when the piece is right. Ends the use of this object.</summary>
    public async Task<bool> FinishAsync(PieceVerifier verifier, ReadOnlyMemory<byte> bytes)
    {
        await running;
        Invariant.Holds(bytes.Length == info.PieceSize(piece));
        return await workers.RunAsync(() =>
        {
            Append(bytes.Span);
            using (sha1)
            {
                return Matches(verifier);
            }
        });
    }

    /// <summary>Ends the use of this object for a piece that is not completed.</summary>
    public async Task AbandonAsync()
    {
        await running;
        sha1?.Dispose();
    }

    private bool Append(ReadOnlySpan<byte> bytes)
    {
        sha1?.AppendData(bytes[hashedBytes..]);
        for (var begin = hashedBytes; leaves is not null && begin < Math.Min(bytes.Length, fileBytes); )
        {
            var length = Math.Min(Merkle.LeafBytes, fileBytes - begin);
            leaves[begin / Merkle.LeafBytes] = Merkle.Leaf(bytes.Slice(begin, length));
            begin += length;
        }
        hashedBytes = bytes.Length;
        return true;
    }

    private bool Matches(PieceVerifier verifier)
    {
        if (sha1 is not null)
        {
            Span<byte> hash = stackalloc byte[Hash20.Length];
            sha1.GetHashAndReset(hash);
            if (new Hash20(hash) != info.PieceHashV1(piece))
            {
                return false;
            }
        }
        return verifier.Metainfo.PieceHashV2(piece) is { } expected
            ? PieceDigest.RootV2(leaves!, info, piece) == expected
            : info.HasV1;
    }
}
