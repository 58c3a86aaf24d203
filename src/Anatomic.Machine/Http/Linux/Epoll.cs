using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Anatomic.Machine.Network.Linux;
using Anatomic.Wire;

namespace Anatomic.Machine.Http.Linux;

/// <summary>The events a handle is watched for; level-triggered.</summary>
[Flags]
internal enum Readiness : uint
{
    None = 0,
    Readable = 1, // EPOLLIN
    Writable = 4, // EPOLLOUT

    /// <summary>Wakes only one of the loops that watch the same handle (EPOLLEXCLUSIVE).</summary>
    Exclusive = 1u << 28,
}

/// <summary>An epoll instance (epoll(7)) and the events of its last wait.</summary>
internal sealed unsafe class Epoll : IDisposable
{
    /// <summary>Events returned by one wait; the others are returned by the next.</summary>
    private const int Capacity = 256;

    private const int AddOperation = 1; // EPOLL_CTL_ADD
    private const int RemoveOperation = 2; // EPOLL_CTL_DEL
    private const int ChangeOperation = 3; // EPOLL_CTL_MOD

    // struct epoll_event is packed on x86-64 only, where the token follows the events without padding.
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

    /// <summary>False: the system cannot watch another handle.</summary>
    public bool TryAdd(int watched, Readiness until, ulong token) => Control(AddOperation, watched, until, token);

    public bool TryChange(int watched, Readiness until, ulong token) => Control(ChangeOperation, watched, until, token);

    public void Remove(int watched) => Control(RemoveOperation, watched, Readiness.None, 0);

    /// <summary>
    /// Returns the number of ready handles; 0 when the time is over. A negative time waits without a limit.
    /// </summary>
    public int Wait(int milliseconds)
    {
        var ready = StreamCalls.WaitEpoll(handle, First, Capacity, milliseconds);
        if (ready < 0)
        {
            Invariant.Holds(
                Marshal.GetLastPInvokeError() == LinuxCalls.Interrupted,
                "a loop waits on its own epoll instance"
            );
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
