using System.Security.Cryptography;

namespace Anatomic.Interop.Tests.Lab;

/// <summary>Test content, the same in every run, and waiting for it to arrive.</summary>
public static class Payload
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan PollPeriod = TimeSpan.FromMilliseconds(100);

    /// <summary>Writes a file of pseudo-random bytes; the same seed gives the same bytes.</summary>
    public static string Write(string path, int bytes, int seed)
    {
        var content = new byte[bytes];
        new Random(seed).NextBytes(content);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }

    /// <summary>Waits until a file has the same bytes as another; works with any client.</summary>
    public static async Task WaitForFileAsync(string expected, string path, params RunningProgram[] programs)
    {
        var wanted = Digest(expected);
        await WaitUntilAsync(
            () =>
                File.Exists(path)
                && new FileInfo(path).Length == new FileInfo(expected).Length
                && Digest(path) == wanted,
            () =>
                $"{path} did not arrive:\n" + string.Join('\n', programs.Select(one => $"--- {one.Name}\n{one.Output}"))
        );
    }

    /// <summary>Polls a condition; another process gives no other signal.</summary>
    public static async Task WaitUntilAsync(
        Func<bool> condition,
        Func<string> describeFailure,
        TimeSpan? timeout = null
    )
    {
        using var late = new CancellationTokenSource(timeout ?? DefaultTimeout);
        while (!condition())
        {
            if (late.IsCancellationRequested)
            {
                throw new TimeoutException(describeFailure());
            }
            await Task.Delay(PollPeriod);
        }
    }

    private static string Digest(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        return Convert.ToHexString(SHA256.HashData(file));
    }
}
