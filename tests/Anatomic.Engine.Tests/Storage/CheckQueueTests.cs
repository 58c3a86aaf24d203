using Anatomic.Engine.Storage;

namespace Anatomic.Engine.Tests.Storage;

public sealed class CheckQueueTests
{
    [Fact]
    public void Checks_run_one_after_the_other_and_a_cancelled_one_is_passed_over() =>
        MemoryWorld.Run(async () =>
        {
            var queue = new CheckQueue(maxChecks: 1);
            using var cancelled = new CancellationTokenSource();
            var first = await queue.EnterAsync(CancellationToken.None);
            var second = queue.EnterAsync(cancelled.Token).AsTask();
            var third = queue.EnterAsync(CancellationToken.None).AsTask();
            cancelled.Cancel();
            await MemoryWorld.CatchAsync<OperationCanceledException>(async () => await second);
            third.IsCompleted.ShouldBeFalse();
            first.Dispose();
            first.Dispose();
            (await third).Dispose();
            (await queue.EnterAsync(CancellationToken.None)).Dispose();
        });
}
