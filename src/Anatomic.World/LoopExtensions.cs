namespace Anatomic.World;

public static class LoopExtensions
{
    /// <summary>Runs an asynchronous flow on the loop and brings its result to the caller.</summary>
    public static async Task<T> RunAsync<T>(this ILoop loop, Func<Task<T>> flow)
    {
        var result = default(T)!;
        await loop.RunAsync(async () =>
        {
            result = await flow();
        });
        return result;
    }
}
