using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Anatomic.Machine.Network.Linux;
using Anatomic.Wire;

namespace Anatomic.Machine.Http.Linux;

/// <summary>What a handle is watched for; told as long as it is so.</summary>
[Flags]
internal enum Readiness : uint
{
    None = 0,
    Readable = 1, // EPOLLIN
    Writable = 4, // EPOLLOUT

    /// <summary>Only one of the loops that watch the same handle is woken (EPOLLEXCLUSIVE).</summary>
    Exclusive = 1u << 28,
}

/// <summary>An epoll instance (epoll(7)) and the entries of its last wait.</summary>
internal sealed unsafe class Epoll : IDisposable
{
    private const int Capacity = 256;
    private const int AddOperation = 1; // EPOLL_CTL_ADD
    private const int RemoveOperation = 2; // EPOLL_CTL_DEL
    private const int ChangeOperation = 3; // EPOLL_CTL_MOD

    // struct epoll_event is packed on x86-64 alone: there the token follows the events at once.
    private static readonly int TokenOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int EntryBytes = TokenOffset + sizeof(ulong);

    private readonly byte[] entries = GC.AllocateArray<byte>(Capacity * EntryBytes, pinned: true);
    private readonly int handle;

    public Epoll()
    {
        handle = StreamCalls.CreateEpoll(StreamCalls.CloseOnExec);
        if (handle < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>False: the system has no room for one more.</summary>
    public bool TryAdd(int watched, Readiness until, ulong token) => Control(AddOperation, watched, until, token);

    public bool TryChange(int watched, Readiness until, ulong token) => Control(ChangeOperation, watched, until, token);

    public void Remove(int watched) => Control(RemoveOperation, watched, Readiness.None, 0);

    /// <summary>
    /// How many handles are ready; 0 after the time is over. A negative time waits for as long as it takes.
    /// </summary>
    public int Wait(int milliseconds)
    {
        var ready = StreamCalls.WaitEpoll(handle, First, Capacity, milliseconds);
        if (ready < 0)
        {
            Invariant.Holds(Marshal.GetLastPInvokeError() == LinuxCalls.Interrupted, "a loop waits at its own epoll");
            return 0;
        }
        return ready;
    }

    public ulong Token(int index) => Unsafe.ReadUnaligned<ulong>(First + (index * EntryBytes) + TokenOffset);

    public void Dispose() => _ = LinuxCalls.Close(handle);

    private byte* First => (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(entries, 0);

    private bool Control(int operation, int watched, Readiness until, ulong token)
    {
        var entry = stackalloc byte[16];
        Unsafe.WriteUnaligned(entry, (uint)until);
        Unsafe.WriteUnaligned(entry + TokenOffset, token);
        return StreamCalls.ControlEpoll(handle, operation, watched, entry) == 0;
    }
}
