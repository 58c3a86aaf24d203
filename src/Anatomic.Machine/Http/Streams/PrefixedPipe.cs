using System.IO.Pipelines;

namespace Anatomic.Machine.Http.Streams;

/// <summary>A connection's pipe that begins with bytes which were read of it before.</summary>
internal sealed class PrefixedPipe(byte[] read, IDuplexPipe connection) : IDuplexPipe
{
    public PipeReader Input { get; } =
        read.Length == 0 ? connection.Input : PipeReader.Create(new Resumed(read, connection.Input.AsStream()));

    public PipeWriter Output => connection.Output;

    private sealed class Resumed(byte[] read, Stream rest) : ForwardOnlyStream
    {
        private int taken;

        public override bool CanWrite => false;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (taken == read.Length)
            {
                return rest.ReadAsync(buffer, cancellationToken);
            }
            var count = Math.Min(buffer.Length, read.Length - taken);
            read.AsSpan(taken, count).CopyTo(buffer.Span);
            taken += count;
            return ValueTask.FromResult(count);
        }

        public override ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer,
            CancellationToken cancellationToken = default
        ) => throw new NotSupportedException("This side is only read.");

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                rest.Dispose();
            }
            base.Dispose(disposing);
        }
    }
}
