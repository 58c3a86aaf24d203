using System.Net.Sockets;
using System.Runtime.InteropServices;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Machine.Network.Linux;

/// <summary>
/// Drops datagrams that match none of a server's patterns in the kernel, before they occupy the socket's queue. It is a
/// classic BPF program attached to the socket (socket(7), SO_ATTACH_FILTER).
/// </summary>
internal static unsafe class DatagramFilter
{
    /// <summary>The filter of a UDP socket sees the UDP header before the payload.</summary>
    private const int HeaderBytes = 8;

    // linux/bpf_common.h
    private const ushort LoadLength = 0x80; // BPF_LD | BPF_W | BPF_LEN
    private const ushort LoadWord = 0x20; // BPF_LD | BPF_W | BPF_ABS, in network order
    private const ushort JumpIfEqual = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
    private const ushort JumpIfAtLeast = 0x35; // BPF_JMP | BPF_JGE | BPF_K
    private const ushort Return = 0x06; // BPF_RET | BPF_K: bytes to keep; 0 drops the datagram

    /// <summary>
    /// Attaches a filter for <paramref name="patterns"/>. If that fails, the handler sees all datagrams, as on other
    /// systems.
    /// </summary>
    public static void TryAttach(Socket socket, IReadOnlyList<DatagramPattern> patterns)
    {
        if (patterns.Count == 0)
        {
            return;
        }
        var program = Compile(patterns);
        fixed (FilterStep* first = program)
        {
            var header = new FilterProgram { Length = (ushort)program.Length, Steps = first };
            try
            {
                socket.SetRawSocketOption(
                    LinuxCalls.SocketLevel,
                    LinuxCalls.AttachFilter,
                    new ReadOnlySpan<byte>(&header, sizeof(FilterProgram))
                );
            }
            catch (SocketException)
            {
                // Some sandboxes do not support filters.
            }
        }
    }

    /// <summary>
    /// Compiles one pattern after the other: a datagram that matches is kept, otherwise the next pattern is tried.
    /// </summary>
    private static FilterStep[] Compile(IReadOnlyList<DatagramPattern> patterns)
    {
        var steps = new List<FilterStep>();
        foreach (var pattern in patterns)
        {
            // Two steps each for the length and every word, then one to keep the datagram.
            var next = steps.Count + (2 * (1 + pattern.Words.Count)) + 1;
            steps.Add(new FilterStep(LoadLength, 0));
            steps.Add(Else(JumpIfAtLeast, HeaderBytes + pattern.MinBytes, next - steps.Count - 1));
            foreach (var word in pattern.Words)
            {
                steps.Add(new FilterStep(LoadWord, (uint)(HeaderBytes + word.Offset)));
                steps.Add(Else(JumpIfEqual, word.Value, next - steps.Count - 1));
            }
            steps.Add(new FilterStep(Return, uint.MaxValue));
        }
        steps.Add(new FilterStep(Return, 0));
        return [.. steps];
    }

    /// <summary>
    /// Continues with the next step if the condition holds, otherwise <paramref name="over"/> steps later.
    /// </summary>
    private static FilterStep Else(ushort code, long value, int over)
    {
        Invariant.Holds(over is >= 0 and <= byte.MaxValue, "a pattern has only a few words");
        return new FilterStep(code, (uint)value) { IfNot = (byte)over };
    }

    /// <summary>struct sock_filter.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct FilterStep(ushort Code, byte IfSo, byte IfNot, uint Value)
    {
        public FilterStep(ushort code, uint value)
            : this(code, 0, 0, value) { }
    }

    /// <summary>struct sock_fprog of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 16)]
    private struct FilterProgram
    {
        [FieldOffset(0)]
        public ushort Length;

        [FieldOffset(8)]
        public FilterStep* Steps;
    }
}
