using System.Runtime;
using System.Runtime.InteropServices;
using Anatomic.World;

namespace Anatomic.Machine.Memory;

/// <summary>
/// Returns memory to the system after a server has grown. A server that allocates nothing per request never triggers
/// the garbage collector, and would keep forever what its growth left behind: outgrown arrays and the compiler's
/// memory. So the heap is compacted once when allocation has settled.
/// </summary>
internal sealed partial class MemoryTrimmer : IDisposable
{
    /// <summary>Largest heap to compact, because a compaction stops all requests: about 1 ms per 2 MiB.</summary>
    private const long MaxCompactedBytes = 64 << 20;

    /// <summary>Least allocation that makes a compaction worthwhile; a status page allocates about 100 KiB.</summary>
    private const long WorthBytes = 1 << 20;

    /// <summary>Allocation has settled when it stays below this per second.</summary>
    private const long RestBytes = 256 << 10;

    private const int MapThreshold = -3; // M_MMAP_THRESHOLD, mallopt(3)
    private const int MappedBytes = 32 << 10;

    /// <summary>
    /// The compiler's blocks are released when they stayed unused between two wake-ups ten seconds apart.
    /// </summary>
    private const int WakingsAfterCompiling = 25;

    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    private readonly IEventLog eventLog;
    private readonly Timer timer;
    private long atLastLook;
    private long atLastCollection;
    private long compiledAtLastLook;
    private int wakings;

    public MemoryTrimmer(IEventLog eventLog)
    {
        this.eventLog = eventLog;
        ReturnBlocksAtOnce();
        timer = new Timer(_ => Look(), state: null, LookAgain, LookAgain);
    }

    public void Dispose() => timer.Dispose();

    private void Look()
    {
        var allocated = GC.GetTotalAllocatedBytes();
        var isAtRest = allocated - atLastLook < RestBytes;
        atLastLook = allocated;
        WakeFinalizer();
        if (!isAtRest || allocated - atLastCollection < WorthBytes)
        {
            return;
        }
        if (GC.GetTotalMemory(forceFullCollection: false) > MaxCompactedBytes)
        {
            // A background collection frees dead objects without moving live ones.
            atLastCollection = allocated;
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Optimized, blocking: false);
            return;
        }
        Compact();
    }

    /// <summary>Compacts the heap now, whatever its size, for use before requests are answered.</summary>
    public void Compact()
    {
        atLastCollection = GC.GetTotalAllocatedBytes();
        var before = GC.GetTotalMemory(forceFullCollection: false);
        var paused = GC.GetTotalPauseDuration();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        TrimPools();
        eventLog.Write(
            EventLevel.Debug,
            "memory.compacted",
            EventField.Count("bytes", before),
            EventField.Count("bytesAfter", GC.GetTotalMemory(forceFullCollection: false)),
            EventField.Milliseconds("pausedMs", GC.GetTotalPauseDuration() - paused)
        );
    }

    /// <summary>
    /// The compiler keeps megabytes of blocks for the next method. The runtime frees unused ones when its finalizer
    /// thread wakes up, which otherwise happens only after a collection.
    /// </summary>
    private void WakeFinalizer()
    {
        var compiled = JitInfo.GetCompiledMethodCount();
        if (compiled != compiledAtLastLook)
        {
            (compiledAtLastLook, wakings) = (compiled, WakingsAfterCompiling);
        }
        else if (wakings > 0)
        {
            wakings--;
            GC.WaitForPendingFinalizers();
        }
    }

    /// <summary>
    /// The compiler works in blocks of 64 KiB, of which the C library keeps megabytes in its pools. Allocated as
    /// mappings of their own, they return to the system as soon as they are freed.
    /// </summary>
    private static void ReturnBlocksAtOnce() => AskLibrary(static () => SetOption(MapThreshold, MappedBytes));

    /// <summary>Other freed memory stays in the C library's pools until they are trimmed.</summary>
    private static void TrimPools() => AskLibrary(static () => Trim(0));

    private static void AskLibrary(Func<int> call)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }
        try
        {
            _ = call();
        }
        catch (EntryPointNotFoundException)
        {
            // A C library other than glibc; those keep little.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint keep);
}
