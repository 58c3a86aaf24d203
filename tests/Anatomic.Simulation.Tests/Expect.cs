namespace Anatomic.Simulation.Tests;

internal static class Expect
{
    /// <summary>Like Shouldly's ThrowAsync, which cannot be used: it continues on the thread pool.</summary>
    public static async Task<T> ThrowsAsync<T>(Func<Task> flow)
        where T : Exception
    {
        try
        {
            await flow();
        }
        catch (T expected)
        {
            return expected;
        }
        throw new InvalidOperationException($"expected a {typeof(T).Name}, but nothing failed");
    }
}
