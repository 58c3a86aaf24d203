using Anatomic.World;

namespace Anatomic.Machine.Loops;

internal sealed class MachineLoops : ILoops
{
    private readonly EventLoop[] loops;

    public MachineLoops(int count, Action<Exception> unhandled)
    {
        loops = new EventLoop[count];
        for (var i = 0; i < count; i++)
        {
            loops[i] = new EventLoop($"loop {i}", unhandled);
        }
        All = loops;
    }

    public IReadOnlyList<ILoop> All { get; }

    public void Stop()
    {
        foreach (var loop in loops)
        {
            loop.Dispose();
        }
    }
}
