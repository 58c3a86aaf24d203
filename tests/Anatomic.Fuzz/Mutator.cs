namespace Anatomic.Fuzz;

/// <summary>Makes new inputs from old ones; the same seed makes the same input.</summary>
internal sealed class Mutator(IReadOnlyList<byte[]> corpus, IReadOnlyList<byte[]> tokens)
{
    // Enough for the structure of every format; longer inputs only reduce the number of executions.
    private const int MaxInputBytes = 16 * 1024;

    public byte[] Make(long seed)
    {
        var random = new Random(unchecked((int)seed ^ (int)(seed >> 32) * 31));
        var input = new List<byte>(corpus[random.Next(corpus.Count)]);
        for (var changes = 1 << random.Next(6); changes > 0; changes--)
        {
            Change(input, random);
        }
        return [.. input.Take(MaxInputBytes)];
    }

    private void Change(List<byte> input, Random random)
    {
        if (input.Count == 0)
        {
            input.Add((byte)random.Next(256));
            return;
        }
        var at = random.Next(input.Count);
        var length = random.Next(1, Math.Min(64, input.Count - at) + 1);
        switch (random.Next(9))
        {
            case 0:
                input[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                input[at] = (byte)random.Next(256);
                break;
            case 2:
                input[at] = (byte)(input[at] + random.Next(-2, 3));
                break;
            case 3:
                input.RemoveRange(at, length);
                break;
            case 4:
                input.InsertRange(random.Next(input.Count + 1), input.GetRange(at, length));
                break;
            case 5 when tokens.Count > 0:
                input.InsertRange(at, tokens[random.Next(tokens.Count)]);
                break;
            case 6 when tokens.Count > 0:
                var token = tokens[random.Next(tokens.Count)];
                input.RemoveRange(at, Math.Min(token.Length, input.Count - at));
                input.InsertRange(at, token);
                break;
            case 7:
                var other = corpus[random.Next(corpus.Count)];
                var from = random.Next(other.Length + 1);
                input.InsertRange(at, other[from..Math.Min(other.Length, from + length)]);
                break;
            default:
                input.RemoveRange(at, input.Count - at);
                break;
        }
    }
}
