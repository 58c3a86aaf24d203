namespace Anatomic.Machine.Loops;

/// <summary>Runs tasks that a flow starts, and continuations it chains without await, on the flow's loop.</summary>
internal sealed class LoopTaskScheduler(EventLoop loop) : TaskScheduler
{
    public override int MaximumConcurrencyLevel => 1;

    protected override void QueueTask(Task task) =>
        loop.Enqueue(
            static state =>
            {
                var (scheduler, task) = ((LoopTaskScheduler, Task))state!;
                scheduler.TryExecuteTask(task);
            },
            (this, task)
        );

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && loop.IsCurrent && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks() => [];
}
