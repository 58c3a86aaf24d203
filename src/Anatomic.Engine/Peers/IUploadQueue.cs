namespace Anatomic.Engine.Peers;

/// <summary>Supplies the blocks that a connection sends to its peer.</summary>
internal interface IUploadQueue
{
    /// <summary>
    /// Adds requested blocks to the batch, after reading them from disk where necessary. Adds nothing when no request
    /// is queued.
    /// </summary>
    ValueTask FillAsync(SendBatch batch);

    /// <summary>
    /// Called after the batch was sent. Returns how long to wait before the next one, for a rate limit.
    /// </summary>
    TimeSpan BatchSent(SendBatch batch);
}
