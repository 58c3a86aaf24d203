using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Anatomic.Wire.Trackers;

/// <summary>SipHash-2-4 (Aumasson and Bernstein, 2012): a fast keyed hash of short messages.</summary>
/// <param name="key">The first 16 bytes are the key.</param>
public readonly struct SipHash(ReadOnlySpan<byte> key)
{
    public const int KeyBytes = 16;

    private readonly ulong keyLow = BinaryPrimitives.ReadUInt64LittleEndian(key);
    private readonly ulong keyHigh = BinaryPrimitives.ReadUInt64LittleEndian(key[8..]);

    public ulong Hash(ReadOnlySpan<byte> message)
    {
        var state = new State(keyLow, keyHigh);
        var last = (ulong)message.Length << 56;
        for (; message.Length >= 8; message = message[8..])
        {
            state.Absorb(BinaryPrimitives.ReadUInt64LittleEndian(message));
        }
        for (var i = 0; i < message.Length; i++)
        {
            last |= (ulong)message[i] << (8 * i);
        }
        state.Absorb(last);
        return state.Finish();
    }

    private struct State(ulong keyLow, ulong keyHigh)
    {
        private ulong v0 = 0x736f6d6570736575 ^ keyLow;
        private ulong v1 = 0x646f72616e646f6d ^ keyHigh;
        private ulong v2 = 0x6c7967656e657261 ^ keyLow;
        private ulong v3 = 0x7465646279746573 ^ keyHigh;

        public void Absorb(ulong word)
        {
            v3 ^= word;
            Round();
            Round();
            v0 ^= word;
        }

        public ulong Finish()
        {
            v2 ^= 0xFF;
            Round();
            Round();
            Round();
            Round();
            return v0 ^ v1 ^ v2 ^ v3;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Round()
        {
            v0 += v1;
            v1 = BitOperations.RotateLeft(v1, 13) ^ v0;
            v0 = BitOperations.RotateLeft(v0, 32);
            v2 += v3;
            v3 = BitOperations.RotateLeft(v3, 16) ^ v2;
            v0 += v3;
            v3 = BitOperations.RotateLeft(v3, 21) ^ v0;
            v2 += v1;
            v1 = BitOperations.RotateLeft(v1, 17) ^ v2;
            v2 = BitOperations.RotateLeft(v2, 32);
        }
    }
}
