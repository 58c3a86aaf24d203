using System.Diagnostics;
using Anatomic.Comparison.Load;

namespace Anatomic.Comparison.Flood;

/// <summary>Announces at a fixed rate, beside whatever else its thread does: <see cref="Step"/> is called all the time.</summary>
internal interface IGoodClient : IDisposable
{
    /// <summary>What has come of it since the last <see cref="Begin"/>.</summary>
    LoadResult Result { get; }

    /// <summary>Starts counting anew.</summary>
    void Begin();

    /// <summary>Sends what is due (if it is to ask at all) and takes what has come; never waits.</summary>
    void Step(bool asks);

    /// <summary>The client alone, for so long.</summary>
    void Run(TimeSpan time, bool asks)
    {
        var begin = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begin) < time)
        {
            Step(asks);
        }
    }
}
