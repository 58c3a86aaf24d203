using System.Net.Sockets;
using Anatomic.World;

namespace Anatomic.Machine.Network;

/// <summary>Listens on a unix socket, a path in the file system, for proxies on the same machine.</summary>
internal static class UnixSocketListener
{
    /// <summary>
    /// Creates a bound socket; closing it removes its path. Replaces a socket left behind by a dead program, but never
    /// another kind of file.
    /// </summary>
    /// <exception cref="NetworkException">The path cannot be used.</exception>
    public static Socket Bind(string path)
    {
        try
        {
            if (File.Exists(path))
            {
                ReplaceDead(path);
            }
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Bind(new UnixDomainSocketEndPoint(path));
            if (!OperatingSystem.IsWindows())
            {
                // Whoever may connect is trusted about its clients' addresses, so only the owner and the group may.
                const UnixFileMode OwnerAndGroup =
                    UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
                File.SetUnixFileMode(path, OwnerAndGroup);
            }
            return socket;
        }
        catch (Exception cause)
            when (cause is (SocketException or IOException or UnauthorizedAccessException or ArgumentException)
                && cause is not NetworkException
            )
        {
            throw new NetworkException($"The unix socket {path} cannot be used: {cause.Message}", cause);
        }
    }

    private static void ReplaceDead(string path)
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException refused)
            when (refused.SocketErrorCode == SocketError.ConnectionRefused && !HasContent(path))
        {
            File.Delete(path);
            return;
        }
        throw new NetworkException(
            $"The unix socket {path} is in use by another program; stop it or choose another path"
        );
    }

    /// <summary>A regular file, to which connecting is refused too.</summary>
    private static bool HasContent(string path) => new FileInfo(path).Length > 0;
}
