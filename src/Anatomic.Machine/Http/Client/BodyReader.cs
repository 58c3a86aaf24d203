using Anatomic.World;

namespace Anatomic.Machine.Http.Client;

/// <summary>Reads a body up to the limit of its request.</summary>
internal static class BodyReader
{
    /// <param name="expected">The length to make room for at first; the body may be shorter or longer.</param>
    /// <exception cref="NetworkException">The body is longer than the limit.</exception>
    public static async ValueTask<ReadOnlyMemory<byte>> ReadAsync(
        Stream stream,
        OutboundRequest request,
        long expected,
        CancellationToken stop
    )
    {
        var bytes = new byte[Math.Min(expected, request.MaxResponseBytes)];
        var length = 0;
        while (true)
        {
            if (length == bytes.Length)
            {
                // One byte beyond the limit reveals a response that is too long.
                var room = (int)Math.Min(Math.Max(2L * length, 256), request.MaxResponseBytes + 1L);
                Array.Resize(ref bytes, Math.Max(room, length + 1));
            }
            var read = await stream.ReadAsync(bytes.AsMemory(length), stop).ConfigureAwait(false);
            length += read;
            if (length > request.MaxResponseBytes)
            {
                throw HttpErrors.TooLong(request);
            }
            if (read == 0)
            {
                return bytes.AsMemory(0, length);
            }
        }
    }
}
