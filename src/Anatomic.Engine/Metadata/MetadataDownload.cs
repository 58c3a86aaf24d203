using Anatomic.Engine.Limits;
using Anatomic.Wire;
using Anatomic.Wire.Peers;

namespace Anatomic.Engine.Metadata;

/// <summary>
/// Downloads the info dictionary from all peers that have it (BEP 9). Peers that claim the same length share the
/// pieces, and a slow one is overtaken, so nobody can hold it up. After a wrong hash, the peers of that length are
/// tried one by one, so that the next wrong hash has one sender.
/// </summary>
/// <param name="memory">The session's memory for metadata, in bytes.</param>
internal sealed class MetadataDownload(SharedBudget memory)
{
    private readonly SortedDictionary<int, MetadataSource> sources = [];
    private readonly Dictionary<int, MetadataAssembly> shared = [];

    // The lengths of which a shared attempt failed, and when.
    private readonly Dictionary<int, DateTimeOffset> separate = [];
    private readonly Queue<MetadataAssembly> failed = new();

    // Whose pieces count as held. A peer may leave while its assembly is verified, which would free it twice.
    private readonly HashSet<MetadataAssembly> charged = [];
    private long held;

    /// <summary>Sends a request for a piece to a source.</summary>
    public required Action<int, int> Ask { get; init; }

    /// <summary>Drops a source, with the reason for the user.</summary>
    public required Action<int, string> Drop { get; init; }

    public int SourceCount => sources.Count;

    /// <summary>Bytes held in memory.</summary>
    public long HeldBytes => held;

    /// <summary>Adds a peer that announced the metadata, and asks it at once.</summary>
    /// <param name="number">The peer's number.</param>
    /// <param name="length">The length it claims, 1 to <see cref="PeerLimits.MaxMetadataBytes"/>.</param>
    public void Add(int number, Endpoint address, int length, DateTimeOffset now)
    {
        Invariant.Holds(length is > 0 and <= PeerLimits.MaxMetadataBytes);
        if (sources.TryGetValue(number, out var known))
        {
            if (known.Length == length)
            {
                return;
            }
            Remove(number);
        }
        var source = new MetadataSource(number, address, length, now);
        sources.Add(number, source);
        Request(source, now);
    }

    public void Remove(int number)
    {
        if (sources.Remove(number, out var source) && source.Assembly is { } assembly)
        {
            foreach (var piece in source.Outstanding.Keys)
            {
                assembly.Answered(piece);
            }
            FreeUnused(assembly);
        }
    }

    /// <summary>The source does not have the piece; others are asked, and it only after a while.</summary>
    public void Rejected(int number, int piece, DateTimeOffset now)
    {
        if (sources.TryGetValue(number, out var source) && source.Outstanding.Remove(piece))
        {
            source.Assembly!.Answered(piece);
            source.PausedUntil = now + EngineLimits.MetadataRejectPause;
            Request(now);
        }
    }

    /// <summary>Repeats requests that slow sources hold and drops silent ones; called once per second.</summary>
    public void Tick(DateTimeOffset now)
    {
        foreach (var source in sources.Values.ToArray())
        {
            if (source.Outstanding.Count > 0 && now - source.LastProgress > EngineLimits.MetadataRequestTimeout)
            {
                Remove(source.Number);
                Drop(source.Number, "the peer announced metadata but does not send it");
            }
        }
        Request(now);
    }

    /// <summary>
    /// Stores a piece; returns the assembly when it is complete, to be verified. A fault means that the source broke
    /// the protocol.
    /// </summary>
    public MetadataAssembly? Receive(int number, in MetadataMessage message, DateTimeOffset now, out Fault? fault)
    {
        fault = null;
        if (!sources.TryGetValue(number, out var source) || source.Assembly is not { } assembly)
        {
            return null;
        }
        if (!source.Outstanding.Remove(message.Piece))
        {
            fault = new Fault($"the peer sent metadata piece {message.Piece:N0}, which we did not request");
            return null;
        }
        assembly.Answered(message.Piece);
        if (message.TotalBytes is { } total && total != source.Length)
        {
            fault = new Fault($"the peer's metadata has {source.Length:N0} bytes, then {total:N0}");
            return null;
        }
        if (message.Data.Length != assembly.SizeOf(message.Piece))
        {
            fault = new Fault($"metadata piece {message.Piece:N0} has {message.Data.Length:N0} bytes");
            return null;
        }
        source.LastProgress = now;
        source.MaxOutstanding = Math.Min(source.MaxOutstanding + 1, EngineLimits.MaxMetadataRequests);
        if (!assembly.Has(message.Piece))
        {
            if (!TryAcquire(assembly, message.Data.Length))
            {
                fault = new Fault("the peer's metadata does not fit into the memory for metadata");
                return null;
            }
            charged.Add(assembly);
            assembly.Add(message.Piece, message.Data.Span, source.Address);
            if (assembly.IsComplete)
            {
                return assembly;
            }
        }
        Request(source, now);
        return null;
    }

    /// <summary>
    /// Handles an assembly with a wrong hash; returns the sender when there was only one. With several, each peer that
    /// claims this length is tried alone.
    /// </summary>
    public Endpoint? HashWrong(MetadataAssembly assembly, DateTimeOffset now)
    {
        Endpoint[] senders = [.. assembly.Senders];
        shared.Remove(assembly.Length);
        foreach (var source in sources.Values.Where(source => source.Assembly == assembly).ToArray())
        {
            source.Assembly = null;
            source.Outstanding.Clear();
            if (senders is [var only] && source.Address == only)
            {
                sources.Remove(source.Number);
            }
        }
        if (senders.Length > 1)
        {
            separate.TryAdd(assembly.Length, now);
            failed.Enqueue(assembly);
            if (failed.Count > EngineLimits.MaxFailedMetadata)
            {
                Free(failed.Dequeue());
            }
        }
        else
        {
            Free(assembly);
        }
        Request(now);
        return senders.Length == 1 ? senders[0] : null;
    }

    /// <summary>Ends the download: returns the senders of pieces that differ from the true info dictionary.</summary>
    public IReadOnlyCollection<Endpoint> HashRight(ReadOnlyMemory<byte> info)
    {
        HashSet<Endpoint> wrong = [];
        foreach (var assembly in failed)
        {
            wrong.UnionWith(assembly.SendersOfWrong(info));
        }
        Clear();
        return wrong;
    }

    /// <summary>Ends the download and frees its memory.</summary>
    public void Clear()
    {
        sources.Clear();
        shared.Clear();
        failed.Clear();
        separate.Clear();
        charged.Clear();
        memory.Release(held);
        held = 0;
    }

    private void Request(DateTimeOffset now)
    {
        foreach (var source in sources.Values.ToArray())
        {
            Request(source, now);
        }
    }

    private void Request(MetadataSource source, DateTimeOffset now)
    {
        if (source.PausedUntil > now || (source.Assembly ?? Assign(source, now)) is not { } assembly)
        {
            return;
        }
        while (
            source.Outstanding.Count < source.MaxOutstanding
            && assembly.Next(source.Outstanding, now) is >= 0 and var piece
        )
        {
            if (source.Outstanding.Count == 0)
            {
                source.LastProgress = now;
            }
            source.Outstanding.Add(piece, now);
            assembly.Asked(piece, now);
            Ask(source.Number, piece);
        }
    }

    private MetadataAssembly? Assign(MetadataSource source, DateTimeOffset now)
    {
        if (!separate.TryGetValue(source.Length, out var since))
        {
            if (!shared.TryGetValue(source.Length, out var common))
            {
                shared.Add(source.Length, common = new MetadataAssembly(source.Length));
            }
            return source.Assembly = common;
        }
        // A few peers at first, and one more with time: every peer has its chance, whoever is slow.
        var active = sources.Values.Count(other => other.Length == source.Length && other.Assembly is not null);
        var allowed = EngineLimits.MaxMetadataPeers + ((now - since) / EngineLimits.MetadataPatience);
        return active < allowed ? source.Assembly = new MetadataAssembly(source.Length) : null;
    }

    /// <summary>
    /// Takes memory for a piece. When the session has none left, the largest other assembly makes room: a small one is
    /// more likely to be the true one, and every torrent has a little for sure.
    /// </summary>
    private bool TryAcquire(MetadataAssembly assembly, int bytes)
    {
        if (held + bytes <= EngineLimits.GuaranteedMetadataBytes)
        {
            memory.ForceAcquire(bytes);
            held += bytes;
            return true;
        }
        while (!memory.TryAcquire(bytes))
        {
            var largest = sources.Values.Select(source => source.Assembly).Concat(failed).MaxBy(one => one?.HeldBytes);
            if (largest is null || largest == assembly || largest.HeldBytes <= assembly.HeldBytes)
            {
                return false;
            }
            Abandon(largest);
        }
        held += bytes;
        return true;
    }

    private void Abandon(MetadataAssembly assembly)
    {
        foreach (var source in sources.Values.Where(source => source.Assembly == assembly).ToArray())
        {
            sources.Remove(source.Number);
            Drop(source.Number, "the peer's metadata takes too much memory");
        }
        if (failed.Contains(assembly))
        {
            MetadataAssembly[] others = [.. failed.Where(other => other != assembly)];
            failed.Clear();
            Array.ForEach(others, failed.Enqueue);
        }
        Forget(assembly);
    }

    /// <summary>Frees an assembly that no connected peer adds to.</summary>
    private void FreeUnused(MetadataAssembly assembly)
    {
        if (!sources.Values.Any(source => source.Assembly == assembly))
        {
            Forget(assembly);
        }
    }

    private void Forget(MetadataAssembly assembly)
    {
        if (shared.GetValueOrDefault(assembly.Length) == assembly)
        {
            shared.Remove(assembly.Length);
        }
        Free(assembly);
    }

    private void Free(MetadataAssembly assembly)
    {
        if (charged.Remove(assembly))
        {
            memory.Release(assembly.HeldBytes);
            held -= assembly.HeldBytes;
        }
    }
}
