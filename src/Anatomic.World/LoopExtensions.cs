namespace Anatomic.World;

public static class LoopExtensions
{
    /// <summary>Runs an asynchronous function on the loop and returns its result to the caller.</summary>
    public static async Task<T> RunAsync<T>(this ILoop loop, Func<Task<T>> work)
    {
        var result = default(T)!;
        await loop.RunAsync(async () =>
        {
            result = await work();
        });
        return result;
    }
}
