using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Anatomic.Interop.Tests.Lab;

/// <summary>Sends HTTP requests from inside a host's network namespace, on a thread that moves there.</summary>
public static partial class NamespaceHttp
{
    private const int NewNetwork = 0x4000_0000; // CLONE_NEWNET, setns(2)
    private const int MaxReply = 1 << 20;

    /// <summary>Returns the complete response to a GET, including its head; empty if there is none.</summary>
    public static string Get(LabHost host, string address, int port, string target)
    {
        var reply = "";
        var thread = new Thread(() =>
        {
            using var space = File.OpenHandle($"/run/netns/{host.Namespace}");
            if (SetNamespace((int)space.DangerousGetHandle(), NewNetwork) == 0)
            {
                reply = Send(address, port, target);
            }
        });
        thread.Start();
        thread.Join();
        return reply;
    }

    private static string Send(string address, int port, string target)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            ReceiveTimeout = 5000,
            SendTimeout = 5000,
        };
        try
        {
            socket.Connect(new IPEndPoint(IPAddress.Parse(address), port));
            socket.Send(
                Encoding.ASCII.GetBytes($"GET {target} HTTP/1.1\r\nHost: {address}:{port}\r\nConnection: close\r\n\r\n")
            );
            var reply = new MemoryStream();
            var buffer = new byte[16 * 1024];
            while (reply.Length < MaxReply && socket.Receive(buffer) is > 0 and var count)
            {
                reply.Write(buffer, 0, count);
            }
            return Encoding.Latin1.GetString(reply.ToArray());
        }
        catch (SocketException)
        {
            return "";
        }
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(int descriptor, int kind);
}
