using System.ComponentModel;
using System.Runtime.InteropServices;
using Anatomic.Comparison.CommandLine;

namespace Anatomic.Comparison.Linux;

/// <summary>Opens and configures sockets by their file descriptor; a system call that fails throws.</summary>
internal static unsafe class RawSocket
{
    public static int Open(int family, int type)
    {
        var socket = SystemCalls.Socket(family, type | SystemCalls.CloseOnExec, 0);
        Check(socket, "socket");
        return socket;
    }

    public static void Bind(int socket, ReadOnlySpan<byte> address)
    {
        fixed (byte* bytes = address)
        {
            Check(SystemCalls.Bind(socket, bytes, (uint)address.Length), "bind");
        }
    }

    public static void Set<T>(int socket, int level, int option, T value)
        where T : unmanaged =>
        Check(SystemCalls.SetOption(socket, level, option, &value, (uint)sizeof(T)), "setsockopt");

    /// <exception cref="ComparisonException">The result is negative: the call failed.</exception>
    public static void Check(int result, string call)
    {
        if (result < 0)
        {
            throw new ComparisonException($"{call}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        }
    }
}
