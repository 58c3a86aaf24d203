using System.Diagnostics;
using Anatomic.Comparison.Load;

namespace Anatomic.Comparison.Flood;

/// <summary>
/// A well-behaved client that announces at a fixed rate and measures the replies. It shares the thread of the flood,
/// which calls <see cref="Step"/> all the time.
/// </summary>
internal interface IProbeClient : IDisposable
{
    /// <summary>The result since the last <see cref="Begin"/>.</summary>
    LoadResult Result { get; }

    /// <summary>Starts a new result.</summary>
    void Begin();

    /// <summary>Sends what is due if <paramref name="sends"/>, and receives what has arrived. Never waits.</summary>
    void Step(bool sends);

    /// <summary>Runs the client alone for this time.</summary>
    void Run(TimeSpan time, bool sends)
    {
        var begin = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begin) < time)
        {
            Step(sends);
        }
    }
}
