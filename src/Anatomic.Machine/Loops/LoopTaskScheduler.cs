namespace Anatomic.Machine.Loops;

/// <summary>Runs tasks and continuations started on a loop on that loop.</summary>
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
