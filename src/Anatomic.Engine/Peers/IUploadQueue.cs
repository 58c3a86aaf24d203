namespace Anatomic.Engine.Peers;

/// <summary>Supplies the blocks that a connection sends to its peer.</summary>
internal interface IUploadQueue
{
    /// <summary>The length of the next block in bytes; 0 when no request is queued.</summary>
    int NextBytes { get; }

    /// <summary>
    /// Adds requested blocks to the batch, after reading them from disk where necessary: one, and more as long as the
    /// payload is below <paramref name="maxBytes"/>.
    /// </summary>
    ValueTask FillAsync(SendBatch batch, int maxBytes);

    /// <summary>Called after the batch was sent.</summary>
    void BatchSent(SendBatch batch);
}
