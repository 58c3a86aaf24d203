using System.Security.Cryptography;

namespace Anatomic.Interop.Tests.Lab;

/// <summary>Content to share, the same in every run, and the question whether somebody has it.</summary>
public static class Payload
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    /// <summary>Writes a file of pseudo-random bytes; the same seed gives the same bytes.</summary>
    public static string Write(string path, int bytes, int seed)
    {
        var content = new byte[bytes];
        new Random(seed).NextBytes(content);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }

    /// <summary>Waits until a file holds the same bytes as another one: true of any client when it has finished.</summary>
    public static async Task ArrivedAsync(string expected, string path, params RunningProgram[] witnesses)
    {
        var wanted = Digest(expected);
        await UntilAsync(
            () =>
                File.Exists(path)
                && new FileInfo(path).Length == new FileInfo(expected).Length
                && Digest(path) == wanted,
            () =>
                $"{path} did not arrive:\n" + string.Join('\n', witnesses.Select(one => $"--- {one.Name}\n{one.Said}"))
        );
    }

    /// <summary>Looks again and again until it is true; what happens in another process gives no other sign.</summary>
    public static async Task UntilAsync(Func<bool> isTrue, Func<string> complaint, TimeSpan? patience = null)
    {
        using var late = new CancellationTokenSource(patience ?? Patience);
        while (!isTrue())
        {
            if (late.IsCancellationRequested)
            {
                throw new TimeoutException(complaint());
            }
            await Task.Delay(BetweenLooks);
        }
    }

    private static string Digest(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        return Convert.ToHexString(SHA256.HashData(file));
    }
}
