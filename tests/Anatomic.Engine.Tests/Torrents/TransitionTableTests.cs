using Anatomic.Engine.Torrents;

namespace Anatomic.Engine.Tests.Torrents;

public class TransitionTableTests
{
    [Theory]
    [InlineData(TorrentState.Stopped)]
    [InlineData(TorrentState.Queued)]
    [InlineData(TorrentState.Metadata)]
    [InlineData(TorrentState.Checking)]
    [InlineData(TorrentState.Downloading)]
    [InlineData(TorrentState.Seeding)]
    [InlineData(TorrentState.Moving)]
    [InlineData(TorrentState.Faulted)]
    public void Every_state_can_be_stopped_and_can_fail(TorrentState from)
    {
        TransitionTable.Allows(from, TorrentState.Stopped).ShouldBeTrue();
        TransitionTable.Allows(from, TorrentState.Faulted).ShouldBeTrue();
    }

    [Theory]
    [InlineData(TorrentState.Stopped)]
    [InlineData(TorrentState.Queued)]
    [InlineData(TorrentState.Faulted)]
    [InlineData(TorrentState.Metadata)]
    public void Nothing_is_transferred_before_a_check(TorrentState from)
    {
        TransitionTable.Allows(from, TorrentState.Downloading).ShouldBeFalse();
        TransitionTable.Allows(from, TorrentState.Seeding).ShouldBeFalse();
    }

    [Fact]
    public void Data_is_not_moved_during_a_check() =>
        TransitionTable.Allows(TorrentState.Checking, TorrentState.Moving).ShouldBeFalse();
}
