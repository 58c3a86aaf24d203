using System.Runtime;
using System.Runtime.InteropServices;
using Anatomic.World;

namespace Anatomic.Machine.Memory;

/// <summary>
/// Gives memory back to the system once a server has grown. A server that allocates nothing for a request never makes the garbage
/// collector run, and would keep for ever what its growth has left behind: arrays that became too small, and what compiling took.
/// So when allocation has come to rest, the heap is compacted once.
/// </summary>
internal sealed partial class MemoryTrimmer : IDisposable
{
    /// <summary>Beyond so large a heap a compaction would hold all requests for longer than they can be held: it takes about 1 ms for 2 MiB.</summary>
    private const long MaxCompactedBytes = 64 << 20;

    /// <summary>What must have been allocated to be worth the trouble; a page for people takes some 100 KiB.</summary>
    private const long WorthBytes = 1 << 20;

    /// <summary>Less than so much in a second is rest.</summary>
    private const long RestBytes = 256 << 10;

    private const int MapThreshold = -3; // M_MMAP_THRESHOLD, mallopt(3)
    private const int MappedBytes = 32 << 10;

    /// <summary>The compiler's blocks are given up when they were not used between two wakings that are ten seconds apart.</summary>
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
            // What is dead is found beside the running threads; what lives stays where it is.
            atLastCollection = allocated;
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Optimized, blocking: false);
            return;
        }
        Compact();
    }

    /// <summary>Compacts the heap now, whatever its size: for when nobody waits for an answer yet.</summary>
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
    /// The compiler keeps its blocks for the next method, megabytes of them. The runtime frees those that are no longer used when its
    /// finalizer thread is woken, which otherwise happens after a collection only.
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
    /// The compiler works in blocks of 64 KiB, which the C library keeps in its pools after their use, megabytes of them. As mappings
    /// of their own they go back to the system when they are freed.
    /// </summary>
    private static void ReturnBlocksAtOnce() => AskLibrary(static () => SetOption(MapThreshold, MappedBytes));

    /// <summary>What else has been freed lies in the C library's pools until it is told to let go.</summary>
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
            // Another C library than glibc; those keep little.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint keep);
}
