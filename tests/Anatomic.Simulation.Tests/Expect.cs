namespace Anatomic.Simulation.Tests;

internal static class Expect
{
    /// <summary>Shouldly's own ThrowAsync continues on the thread pool, outside of the world.</summary>
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
        throw new InvalidOperationException($"nothing failed, and a {typeof(T).Name} was expected");
    }
}
