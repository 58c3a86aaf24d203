using System.IO.Pipelines;

namespace Anatomic.Machine.Http.Streams;

/// <summary>A connection's pipe whose input begins with bytes that were read from it before.</summary>
internal sealed class PrefixedPipe(byte[] prefix, IDuplexPipe connection) : IDuplexPipe
{
    public PipeReader Input { get; } =
        prefix.Length == 0
            ? connection.Input
            : PipeReader.Create(new PrefixedStream(prefix, connection.Input.AsStream()));

    public PipeWriter Output => connection.Output;

    private sealed class PrefixedStream(byte[] prefix, Stream rest) : ForwardOnlyStream
    {
        private int position;

        public override bool CanWrite => false;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (position == prefix.Length)
            {
                return rest.ReadAsync(buffer, cancellationToken);
            }
            var count = Math.Min(buffer.Length, prefix.Length - position);
            prefix.AsSpan(position, count).CopyTo(buffer.Span);
            position += count;
            return ValueTask.FromResult(count);
        }

        public override ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer,
            CancellationToken cancellationToken = default
        ) => throw new NotSupportedException("This stream is read-only.");

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
