using Anatomic.Engine.Torrents;

namespace Anatomic.Engine.Tests.Torrents;

public class PieceMemoryTests
{
    private const int Length = 1 << 20;

    [Fact]
    public void Torrents_share_free_buffers()
    {
        var memory = new PieceMemory(8 * Length);
        memory.Join();
        var one = new PieceBufferPool(Length, memory);
        var other = new PieceBufferPool(Length, memory);
        var buffer = one.Rent();
        one.Return(buffer);
        other.Rent().ShouldBeSameAs(buffer);
        memory.FreeBytes.ShouldBe(0);
        other.Available.ShouldBe(7);
    }

    [Fact]
    public void A_torrent_may_always_start_one_piece()
    {
        var memory = new PieceMemory(Length);
        new PieceBufferPool(Length, memory).Rent();
        var other = new PieceBufferPool(Length, memory);
        other.Available.ShouldBe(1);
        other.Rent();
        other.Available.ShouldBe(0);
    }

    [Fact]
    public void Buffers_that_nobody_uses_are_freed()
    {
        var memory = new PieceMemory(8 * Length);
        memory.Join();
        memory.Return(memory.Rent(Length));
        memory.FreeBytes.ShouldBe(Length);
        var now = DateTimeOffset.UnixEpoch;
        memory.Trim(now);
        memory.Trim(now + TimeSpan.FromMilliseconds(10));
        memory.FreeBytes.ShouldBe(Length, "two trims within a second are one");
        memory.Trim(now + TimeSpan.FromSeconds(1));
        memory.FreeBytes.ShouldBe(0);
    }

    [Fact]
    public void The_last_torrent_that_downloads_frees_everything()
    {
        var memory = new PieceMemory(8 * Length);
        memory.Join();
        memory.Return(memory.Rent(Length));
        memory.Leave();
        memory.FreeBytes.ShouldBe(0);
    }
}
