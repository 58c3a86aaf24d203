using System.ComponentModel;
using System.Runtime.InteropServices;
using Anatomic.Comparison.CommandLine;

namespace Anatomic.Comparison.Linux;

/// <summary>Opens sockets, and throws where the kernel says no.</summary>
internal static unsafe class Handles
{
    public static int Open(int family, int type)
    {
        var socket = LinuxCalls.Socket(family, type | LinuxCalls.CloseOnExec, 0);
        Check(socket, "socket");
        return socket;
    }

    public static void Bind(int socket, ReadOnlySpan<byte> name)
    {
        fixed (byte* bytes = name)
        {
            Check(LinuxCalls.Bind(socket, bytes, (uint)name.Length), "bind");
        }
    }

    /// <summary>The port that a bound socket has.</summary>
    public static int PortOf(int socket)
    {
        var name = stackalloc byte[SocketName.MaxBytes];
        var length = (uint)SocketName.MaxBytes;
        Check(LinuxCalls.NameOf(socket, name, &length), "getsockname");
        return (name[2] << 8) | name[3];
    }

    public static void Set<T>(int socket, int level, int option, T value)
        where T : unmanaged =>
        Check(LinuxCalls.SetOption(socket, level, option, &value, (uint)sizeof(T)), "setsockopt");

    public static void Check(int result, string call)
    {
        if (result < 0)
        {
            throw new PeersException($"{call}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        }
    }
}
